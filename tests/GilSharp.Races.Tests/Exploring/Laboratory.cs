using System.Collections;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using GilSharp.Races.Scenarios;
using GilSharp.Races.Seam;

namespace GilSharp.Races.Exploring;

/// <summary>Explores scenarios inside one universe.</summary>
internal static class Laboratory
{
    private const string PriorityQueue = "PriorityQueue`2";

    private static readonly WorkerPool Pool = new();
    private static readonly List<(FieldInfo Field, object? Value)> Statics = [];

    internal static void Open(string[] sites)
    {
        Sites.All = sites;
        Sites.Visited = new bool[sites.Length];
        foreach (Type type in typeof(GlobalInterpreterLock).Assembly.GetTypes())
        {
            if (type.ContainsGenericParameters || type.Namespace is not ("GilSharp" or "GilSharp.Locking" or "GilSharp.RefCounting" or "GilSharp.Diagnostics" or "GilSharp.Processes.Engine" or "GilSharp.Processes.Inline"))
                continue;
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
            foreach (FieldInfo field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                bool isThreadStatic = field.GetCustomAttribute<ThreadStaticAttribute>() is not null;
                if (field.IsLiteral || isThreadStatic || type.Name.Contains('<') || type.Name is "GilEventSource" or "GilMeter")
                    continue;
                if (!field.IsInitOnly || field.GetValue(null) is IList || field.FieldType.Name == PriorityQueue)
                    Statics.Add((field, field.GetValue(null)));
            }
        }
    }

    internal static string[] Answer(string[] assignment) => Explore(Assignment.Read(assignment)).Write();

    private static Findings Explore(Assignment assignment)
    {
        Scenario scenario = ScenarioList.Find(assignment.Scenario);
        Faults.Plant(assignment.Fault, assignment.FaultSites, assignment.FaultAnswer);
        Array.Clear(Sites.Visited);
        Strategy strategy = assignment.Mode switch
        {
            "exhaustive" => new Exhaustive(assignment.Bounds),
            "random" => new RandomWalk(assignment.Seed, assignment.Executions),
            "priorities" => new Priorities(assignment.Seed, assignment.Executions, changes: 3),
            _ => new Replay(Schedule.Parse(assignment.Mode)),
        };
        long executions = 0, steps = 0;
        var watch = Stopwatch.StartNew();
        while (executions < assignment.Executions && watch.Elapsed.TotalSeconds < assignment.Seconds)
        {
            if (!strategy.Begin())
                return Result(isComplete: true, null);
            Execution execution = Run(scenario, strategy, log: null);
            executions++;
            steps += execution.Steps;
            if (execution.Failure is not null)
                return Result(isComplete: false, execution);
        }

        return Result(isComplete: false, null);

        Findings Result(bool isComplete, Execution? failed)
        {
            string visited = string.Join(',', Enumerable.Range(0, Sites.Visited.Length).Where(static site => Sites.Visited[site]));
            if (failed is null)
                return new Findings(executions, steps, isComplete, "", "", "", visited);
            StepLog log = new();
            Replay replay = new(failed.Schedule);
            replay.Begin();
            Execution again = Run(scenario, replay, log);
            string failure = again.Failure == failed.Failure ? failed.Failure! : $"{failed.Failure} (but when repeated: {again.Failure ?? "nothing"})";
            return new Findings(executions, steps, false, failure, failed.Schedule.ToString(), log.ToString(), visited);
        }
    }

    private static Execution Run(Scenario scenario, Strategy strategy, StepLog? log)
    {
        while (true)
        {
            ResetStatics();
            Execution execution = new(strategy, Pool, scenario.Settings, log);
            execution.Run(() => scenario.Body(new Stage(execution)));
            if (!execution.IsVoid)
                return execution;
            strategy.Repeat();
            log?.Clear();
        }
    }

    private static void ResetStatics()
    {
        foreach ((FieldInfo field, object? value) in Statics)
        {
            if (field.IsInitOnly && value is IList list)
                list.Clear();
            else if (field.IsInitOnly)
                field.FieldType.GetMethod("Clear")!.Invoke(value, null);
            else
                field.SetValue(null, value);
        }
    }
}
