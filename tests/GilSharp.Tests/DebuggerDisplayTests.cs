using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;

namespace GilSharp.Tests;

/// <summary>What a debugger shows of the objects that people look at: read as it reads it, from the attribute.</summary>
[TestClass]
public sealed partial class DebuggerDisplayTests
{
    [TestMethod]
    public async Task Pools_ShowTheirNameAndWhatTheyDo()
    {
        await using ProcessPool pool = new(new ProcessPoolOptions { Name = "shown", Workers = 1 });
        Assert.AreEqual("shown: 0 workers, 0 running, 0 queued", Shown(pool));
        await pool.ApplyAsync(() => { });
        StringAssert.Matches(Shown(pool), WithAWorker());
        StringAssert.StartsWith(Shown(pool.With(new CallOptions { Name = "step", Priority = 3 })), "shown with CallOptions { ");
        StringAssert.Contains(Shown(pool.With(new CallOptions { Name = "step", Priority = 3 })), "Priority = 3, Name = step");

        using InlinePool inline = new(new ProcessPoolOptions { Name = "here" });
        Assert.AreEqual("here: inline", Shown(inline));
    }

    [TestMethod]
    public void WorkersStatisticsAndResults_ShowWhatMatters()
    {
        Assert.AreEqual("worker 3, process 77: Busy, 12 calls", Shown(new WorkerInfo(3, 77, WorkerState.Busy, 12, 1)));
        Assert.AreEqual(
            "2 workers, 1 running, 4 queued; 5 completed, 6 failed, 7 cancelled",
            Shown(new ProcessPoolStatistics { Workers = 2, Running = 1, Queued = 4, Completed = 5, Failed = 6, Cancelled = 7 }));
        Assert.AreEqual("8 acquisitions, 3 contended, 1 waiting", Shown(new GlobalInterpreterLockStatistics { Acquisitions = 8, ContendedAcquisitions = 3, Waiting = 1 }));
        Assert.AreEqual("4: value", Shown(new CallResult<string>(4, "value", null)));
        Assert.AreEqual("5 failed: FormatException: bad", Shown(new CallResult<string>(5, null!, new FormatException("bad"))));
    }

    [TestMethod]
    public void Handles_ShowTheirValueAndCount_AlsoWhenTheyHaveEnded_OrTheLockIsElsewhere()
    {
        RefCounted<string> handle = RefCounted.Create("text");
        WeakRefCounted<string> weak = handle.CreateWeak();
        using (handle.AddReference()) Assert.AreEqual("text: 2 references", Shown(handle));
        Assert.AreEqual("weak String: 1 references", Shown(weak));
        handle.Dispose();
        Assert.AreEqual("String: disposed", Shown(handle));
        Assert.AreEqual("weak String: released", Shown(weak));

        using GlobalInterpreterLock gil = new(new GlobalInterpreterLockOptions { Name = "mine" });
        Assert.AreEqual("mine: free, 0 waiting", Shown(gil));
        RefCounted<string> counted;
        using (gil.EnterScope()) counted = RefCounted.Create("guarded", gil);
        Assert.AreEqual("guarded: 1 references", Shown(counted)); // a debugger holds no lock
        using (gil.EnterScope()) counted.Dispose();
    }

    [TestMethod]
    public void SharedArrays_ShowTypeLengthAndCount()
    {
        SharedArray<double> array = new(3);
        Assert.AreEqual("Double[3]: 1 references", Shown(array));
        using (ReadOnlySharedArray<double> view = array.AsReadOnly()) Assert.AreEqual("read-only Double[3]: 2 references", Shown(view));
        array.Dispose();
        Assert.AreEqual("Double[3]: disposed", Shown(array));
    }

    private static string Shown(object value)
    {
        DebuggerDisplayAttribute? attribute = value.GetType().GetCustomAttribute<DebuggerDisplayAttribute>(inherit: false);
        Assert.IsNotNull(attribute, $"{value.GetType()} has no display of its own.");
        return Expression().Replace(attribute.Value!, match =>
        {
            PropertyInfo? property = value.GetType().GetProperty(match.Groups["name"].Value, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
            Assert.IsNotNull(property, $"{value.GetType()} has no property {match.Value}.");
            return $"{property.GetValue(value)}";
        });
    }

    [GeneratedRegex(@"\{(?<name>\w+)(,nq)?\}")]
    private static partial Regex Expression();

    [GeneratedRegex("^shown: 1 workers, [01] running, 0 queued$")]
    private static partial Regex WithAWorker();
}
