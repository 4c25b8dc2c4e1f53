using System.Collections;
using System.Globalization;
using GilSharp.Ipc;
using GilSharp.Processes.Faults;
using GilSharp.Processes.Worker;

namespace GilSharp.Processes.Startup;

/// <summary>The environment of a worker: this process's own, what the options add, and what makes a worker one of many.</summary>
internal sealed class WorkerEnvironment
{
    // A worker shares the machine with its siblings: no collector with a heap for each processor, no background collector thread, and no tiering
    // by profile, whose instrumentation costs a worker's first calls more than it gains.
    private static readonly (string Name, string Value)[] Runtime =
        [("DOTNET_gcServer", "0"), ("DOTNET_gcConcurrent", "0"), ("DOTNET_TieredPGO", "0")];

    private static readonly string[] ThreadCounts =
        ["DOTNET_PROCESSOR_COUNT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS"];

    private readonly Dictionary<string, string> _variables = new(HostSystem.Current.VariableNames);
    private readonly List<(string Name, string? Value)> _toRestore = [];

    internal WorkerEnvironment(ProcessPoolOptions options)
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables()) _variables[(string)variable.Key] = (string?)variable.Value ?? "";
        foreach ((string name, string? value) in options.Environment)
        {
            if (value is null) _variables.Remove(name);
            else _variables[name] = value;
        }

        _variables.Remove(FaultPlan.Variable); // whatever the outside says: only a test's own pool has faults
        if (options.Faults is { InWorkers.Count: > 0 } plan) Set(FaultPlan.Variable, plan.Write());
        foreach ((string name, string value) in Runtime)
            if (name == "DOTNET_gcServer" || !_variables.ContainsKey(name)) Set(name, value);
        if (HeapLimit.For(options, _variables.ContainsKey) is { } limit) Set(HeapLimit.Variable, limit);
        foreach (string name in ThreadCounts)
            if (!_variables.ContainsKey(name)) SetThreads(name, options.ThreadsPerWorker.ToString(CultureInfo.InvariantCulture));
        Set(WorkerHost.Sentinel, string.Create(CultureInfo.InvariantCulture, $"{WorkerHost.ProtocolVersion}:{Environment.ProcessId}:{WorkerHost.Depth + 1}"));
    }

    internal IReadOnlyList<(string Name, string? Value)> ToRestore => _toRestore;

    internal string? Get(string name) => _variables.GetValueOrDefault(name);

    /// <summary>Sets a variable for the worker alone: programs that it starts see what was there before.</summary>
    internal void Set(string name, string value)
    {
        _toRestore.Add((name, _variables.GetValueOrDefault(name)));
        _variables[name] = value;
    }

    // Native libraries read theirs late: what is restored is to be .NET's copy alone, or nothing.
    private void SetThreads(string name, string value)
    {
        if (HostSystem.Current.SharesEnvironmentWithNativeCode) _variables[name] = value;
        else Set(name, value);
    }

    internal string[] Lines()
    {
        string[] lines = new string[_variables.Count];
        int line = 0;
        foreach ((string name, string value) in _variables) lines[line++] = $"{name}={value}";
        return lines;
    }
}
