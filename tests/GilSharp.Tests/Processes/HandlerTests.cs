namespace GilSharp.Tests.Processes;

/// <summary>Handlers of a pool's events, and loggers, that take long, throw, or use the pool themselves.</summary>
[TestClass]
public sealed class HandlerTests : PoolTest
{
    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerExited_ThatWaitsForACall_GetsItsResult_AndLaterEndsComeInOrder()
    {
        await using ProcessPool pool = new(1);
        List<int> exited = [];
        TaskCompletionSource<int> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource second = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.WorkerExited += (_, args) =>
        {
            int result = pool.Apply(Misfortune.Increment, 41);
            exited.Add(args.WorkerId);
            answered.TrySetResult(result);
            if (exited.Count == 2) second.TrySetResult();
        };

        await Throws<WorkerCrashedException>(pool.ApplyAsync(Misfortune.KillItself));
        Assert.AreEqual(42, await InTime(answered.Task));
        await Throws<WorkerCrashedException>(pool.ApplyAsync(Misfortune.KillItself));
        await InTime(second.Task);
        CollectionAssert.AreEqual(new[] { 1, 2 }, exited);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task WorkerExited_ThatNeverReturns_HoldsNobodyUp()
    {
        using ManualResetEventSlim go = new();
        await using (ProcessPool pool = new(2))
        {
            pool.WorkerExited += (_, _) => go.Wait();
            for (int i = 0; i < 4; i++) await Throws<WorkerCrashedException>(pool.ApplyAsync(Misfortune.KillItself));
            Assert.AreEqual(2, await InTime(pool.ApplyAsync(Misfortune.Increment, 1)));
        }

        go.Set();
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task OutputHandler_ThatWaitsForACallThatPrintsMuchMore_GetsItsResult()
    {
        const int Much = 4_000_000;
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, StandardOutput = WorkerOutput.Capture });
        long received = 0;
        bool nested = false;
        TaskCompletionSource handled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.WorkerOutputReceived += (_, args) =>
        {
            received += args.Text.Length;
            if (nested) return;
            nested = true;
            Assert.AreEqual(Much, pool.Apply(Print, Much));
            handled.TrySetResult();
        };

        await InTime(pool.ApplyAsync(Print, 10));
        await InTime(handled.Task); // the pool may not be disposed before the handler uses it
        await InTime(pool.DisposeAsync().AsTask());
        Assert.AreEqual(Much + 10, received);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task OutputHandler_ThatDisposesThePool_DoesNotHang()
    {
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, StandardOutput = WorkerOutput.Capture });
        TaskCompletionSource disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.WorkerOutputReceived += (_, _) =>
        {
            pool.Dispose();
            disposed.TrySetResult();
        };

        await InTime(pool.ApplyAsync(Print, 10));
        await InTime(disposed.Task);
        await InTime(pool.JoinAsync());
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task OutputHandler_ThatThrows_LosesNoOtherPiece()
    {
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, StandardOutput = WorkerOutput.Capture });
        int seen = 0;
        pool.WorkerOutputReceived += (_, args) =>
        {
            seen += args.Text.Length;
            throw new InvalidOperationException("a handler's own");
        };
        for (int i = 0; i < 20; i++) await InTime(pool.ApplyAsync(Print, 10));
        await InTime(pool.DisposeAsync().AsTask());
        Assert.AreEqual(200, seen);
    }

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow(false)]
    [DataRow(true)]
    public async Task OutputHandler_ThatNeverReturns_IsNotWaitedForOnceThePoolWasTerminated(bool terminate)
    {
        using ManualResetEventSlim entered = new(), go = new();
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, StandardOutput = WorkerOutput.Capture, ShutdownTimeout = TimeSpan.Zero });
        pool.WorkerOutputReceived += (_, _) =>
        {
            entered.Set();
            go.Wait();
        };
        await InTime(pool.ApplyAsync(Print, 10));
        Assert.IsTrue(entered.Wait(NeverThatLong));
        if (terminate)
        {
            pool.Terminate();
            await InTime(pool.JoinAsync());
        }
        else
        {
            await InTime(pool.DisposeAsync().AsTask());
        }

        go.Set();
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task OutputThatIsNotStuck_IsDeliveredThoughThePoolWasTerminated()
    {
        using MeetingPlace place = new();
        string folder = place.Folder;
        ProcessPool pool = new(new ProcessPoolOptions { Workers = 1, StandardOutput = WorkerOutput.Capture });
        int seen = 0;
        pool.WorkerOutputReceived += (_, args) => Interlocked.Add(ref seen, args.Text.Length);
        Task call = pool.ApplyAsync(() =>
        {
            Print(1000);
            Misfortune.NeverEnd(folder);
        });
        Eventually(() => place.Arrived == 1, "printed");
        pool.Terminate();
        await InTime(pool.JoinAsync());
        Eventually(() => Volatile.Read(ref seen) == 1000, "all delivered"); // before the join has ended, unless that takes a second
        await Throws<ProcessPoolTerminatedException>(call);
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task LoggerThatThrows_HarmsNobody_WhereverThePoolLogs()
    {
        using BadLog log = new();
        ProcessPool pool = new(new ProcessPoolOptions
        {
            Workers = 1,
            MaxCallsPerWorker = 1,
            WorkerExiting = static () => throw new FormatException("bad"),
            WorkerExitingTimeout = TimeSpan.FromMilliseconds(100),
            LoggerFactory = log,
        });
        pool.WorkerExited += static (_, _) => throw new FormatException("bad");
        Teller reporter = new(static _ => throw new FormatException("bad"));
        for (int i = 0; i < 3; i++)
        {
            Assert.AreEqual(i, await InTime(pool.ApplyAsync(LogReportAndReturn, (IProgress<int>)reporter, i)), "A healthy worker was ended.");
        }

        await InTime(pool.DisposeAsync().AsTask());
        Assert.IsGreaterThanOrEqualTo(3, log.Asked);

        using InlinePool inline = new(new ProcessPoolOptions { WorkerExiting = static () => throw new FormatException("bad"), LoggerFactory = log });
        Assert.AreEqual(1, inline.Apply(
            static (IProgress<int> progress, int value) =>
            {
                progress.Report(value);
                return value;
            },
            (IProgress<int>)reporter,
            1));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task LoggerThatNeverReturns_HoldsNoDeadlineUp()
    {
        using BadLog log = new() { Blocks = true };
        ProcessPool stuck = new(new ProcessPoolOptions
        {
            Workers = 1,
            WorkerExiting = static () => Thread.Sleep(Timeout.Infinite),
            WorkerExitingTimeout = TimeSpan.FromMilliseconds(50),
            ShutdownTimeout = TimeSpan.Zero,
            LoggerFactory = log,
        });
        await InTime(stuck.ApplyAsync(Misfortune.Increment, 1));
        stuck.Close();
        Eventually(() => log.Asked > 0, "logging that its worker did not leave");

        await using ProcessPool other = new(new ProcessPoolOptions { Workers = 1, CancellationGracePeriod = TimeSpan.Zero });
        using MeetingPlace place = new();
        await Throws<CallTimeoutException>(other.With(new CallOptions { Timeout = TimeSpan.FromMilliseconds(50) }).ApplyAsync(Misfortune.NeverEnd, place.Folder));
        await InTime(stuck.DisposeAsync().AsTask());
        log.Release();
    }

    private static int LogReportAndReturn(IProgress<int> progress, int value)
    {
        WorkerContext.LoggerFactory.CreateLogger("work").Log(Microsoft.Extensions.Logging.LogLevel.Warning, default, "text", null, static (text, _) => text);
        progress.Report(value);
        return value;
    }

    private static int Print(int characters)
    {
        Console.Out.Write(new string('x', characters));
        Console.Out.Flush();
        return characters;
    }

    private sealed class BadLog : Microsoft.Extensions.Logging.ILoggerFactory
    {
        private readonly ManualResetEventSlim _go = new();
        private int _asked;

        internal bool Blocks { get; init; }

        internal int Asked => Volatile.Read(ref _asked);

        public Microsoft.Extensions.Logging.ILogger CreateLogger(string categoryName)
        {
            Interlocked.Increment(ref _asked);
            if (Blocks) _go.Wait();
            throw new InvalidDataException("a logger's own, which says nothing of the worker");
        }

        public void AddProvider(Microsoft.Extensions.Logging.ILoggerProvider provider)
        {
        }

        public void Dispose() => _go.Dispose();

        internal void Release() => _go.Set();
    }

    private sealed class Teller(Action<int> tell) : IProgress<int>
    {
        public void Report(int value) => tell(value);
    }
}
