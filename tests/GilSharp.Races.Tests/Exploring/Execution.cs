using GilSharp.Races.Memory;

namespace GilSharp.Races.Exploring;

/// <summary>One run of a scenario under a strategy. Between two points exactly one thread runs.</summary>
internal sealed partial class Execution
{
    private const int MostIdleWaits = 60;

    private readonly Strategy _strategy;
    private readonly WorkerPool _pool;
    private readonly Baton _driver = new();
    private readonly List<VirtualThread> _threads = [];
    private readonly List<Candidate> _candidates = [];
    private readonly List<int> _choices = [];
    private readonly int _mostSteps;
    private readonly int _collections = GC.CollectionCount(0);
    private int _preemptionsLeft;
    private int _staleReadsLeft;
    private int _idleWaits;
    private bool _isEnding;

    internal Execution(Strategy strategy, WorkerPool pool, ExecutionSettings settings, StepLog? log)
    {
        _strategy = strategy;
        _pool = pool;
        _mostSteps = settings.MostSteps;
        Settings = settings;
        Log = log;
        (_preemptionsLeft, _staleReadsLeft) = strategy.Bounds;
    }

    internal List<VirtualThread> Threads => _threads;

    internal ExecutionSettings Settings { get; }

    internal StepLog? Log { get; }

    internal string? Failure { get; private set; }

    /// <summary>A collection has moved objects, and with them the identities of their fields: to be repeated.</summary>
    internal bool IsVoid { get; private set; }

    internal int Steps { get; private set; }

    /// <summary>Ticks of the virtual clock, in nanoseconds.</summary>
    internal long Now { get; set; } = 1_000_000_000;

    internal Schedule Schedule => new(_strategy.Bounds, _choices);

    internal void Run(Action body)
    {
        VirtualThread main = Add("main", isDaemon: false, body);
        main.Worker.Baton.Give();
        _driver.Take();
        _isEnding = true;
        foreach (VirtualThread thread in _threads.ToArray())
        {
            if (thread.HasEnded)
                continue;
            thread.Worker.Baton.Give();
            _driver.Take();
        }

        IsVoid |= GC.CollectionCount(0) != _collections;
    }

    internal VirtualThread Add(string name, bool isDaemon, Action body)
    {
        if (_threads.Count == ThreadView.MostThreads)
            throw new InvalidOperationException($"A scenario has at most {ThreadView.MostThreads} threads.");
        Worker worker = _pool.Rent(_threads.Count);
        VirtualThread thread = new(this, _threads.Count, name, isDaemon, worker);
        _threads.Add(thread);
        if (VirtualThread.Current is { } starter)
        {
            ThreadView.Join(thread.View.Now, starter.View.Now);
            starter.View.Tick();
        }

        worker.Start(thread, body);
        return thread;
    }

    internal VirtualThread? Find(Thread real)
    {
        foreach (VirtualThread thread in _threads)
        {
            if (thread.Worker.Thread == real)
                return thread;
        }

        return null;
    }

    internal void Enter(VirtualThread me) => ThrowIfEnding(me);

    /// <summary>A thread has ended: the next, or the driver.</summary>
    internal void Leave(VirtualThread me)
    {
        me.HasEnded = true;
        if (_isEnding)
        {
            _driver.Give();
            return;
        }

        if (Failure is null && !IsVoid)
        {
            try
            {
                VirtualThread? next = ChooseNext(me);
                if (next is not null)
                {
                    next.Worker.Baton.Give();
                    return;
                }

                if (!IsDone)
                    NoteFailure(WhoWaits());
            }
            catch (Exception exception)
            {
                NoteFailure(exception.Message);
            }
        }

        _driver.Give();
    }

    /// <summary>Before each step that others can see: anybody may go first.</summary>
    internal void Point(VirtualThread me)
    {
        ThrowIfEnding(me);
        if (GC.CollectionCount(0) != _collections)
            EndAsVoid(me);
        if (++Steps > _mostSteps)
            Fail(me, $"no end within {_mostSteps} steps: a livelock");
        SwitchTo(me, ChooseNext(me));
        if (me.IsKilled)
            throw new ExecutionEnds();
        me.View.Tick();
        Now += Settings.NanosecondsPerStep;
    }

    /// <summary>The thread spins: others first, and time passes.</summary>
    internal void Yield(VirtualThread me, long nanoseconds)
    {
        Now += nanoseconds;
        me.HasYielded = true;
        Point(me);
        me.HasYielded = false;
    }

    /// <summary>Waits. True if the obstacle is gone, false if the time has passed or the thread was interrupted.</summary>
    internal bool Wait(VirtualThread me, Obstacle obstacle, long nanoseconds = -1)
    {
        ThrowIfEnding(me);
        if (obstacle.IsGone)
            return true;
        me.Obstacle = obstacle;
        me.Deadline = nanoseconds < 0 ? long.MaxValue : Now + nanoseconds;
        SwitchTo(me, ChooseNext(me));
        me.Obstacle = null;
        me.Deadline = long.MaxValue;
        bool timedOut = me.TimedOut;
        me.TimedOut = false;
        me.View.Tick();
        return obstacle.IsGone && !timedOut;
    }

    /// <summary>Which of several stores a read meets: 0 is the latest.</summary>
    internal int ChooseStore(int count)
    {
        if (count == 1 || _staleReadsLeft == 0)
            return 0;
        int chosen = Record(_strategy.ChooseValue(count));
        if (chosen != 0 && _staleReadsLeft != int.MaxValue)
            _staleReadsLeft--;
        return chosen;
    }

    internal void NoteFailure(string what)
    {
        if (!_isEnding)
            Failure ??= what;
    }

    internal void Fail(VirtualThread me, string what)
    {
        NoteFailure(what);
        End(me);
    }

    internal void ThrowIfVoid(VirtualThread me)
    {
        if (GC.CollectionCount(0) != _collections)
            EndAsVoid(me);
    }

    private void EndAsVoid(VirtualThread me)
    {
        IsVoid = true;
        End(me);
    }

    // The driver ends all threads, this one among them.
    private void End(VirtualThread me)
    {
        if (!_isEnding)
        {
            _driver.Give();
            me.Worker.Baton.Take();
        }

        throw new ExecutionEnds();
    }

    private void ThrowIfEnding(VirtualThread me)
    {
        if (_isEnding)
            throw new ExecutionEnds();
        if (Failure is not null)
            End(me);
    }

    private void SwitchTo(VirtualThread me, VirtualThread? next)
    {
        if (next == me)
            return;
        if (next is null && IsDone)
            End(me);
        if (next is null)
            Fail(me, WhoWaits());
        next!.Worker.Baton.Give();
        me.Worker.Baton.Take();
        ThrowIfEnding(me);
    }

    /// <summary>Null if the execution is over, or stuck.</summary>
    private VirtualThread? ChooseNext(VirtualThread me)
    {
        _candidates.Clear();
        bool mayGoOn = me.CanRun && !me.HasYielded;
        if (mayGoOn)
            _candidates.Add(new Candidate(me, false));
        bool mayPreempt = !mayGoOn || _preemptionsLeft > 0;
        bool anyCanRun = mayGoOn;
        bool allDone = true;
        foreach (VirtualThread thread in _threads)
        {
            allDone &= thread.HasEnded || thread.IsDaemon;
            if (thread.Deadline <= Now && thread.Obstacle is { IsGone: false })
                thread.TimedOut = true;
            if (thread == me || !thread.CanRun || thread.HasYielded)
                continue;
            anyCanRun = true;
            if (mayPreempt)
                _candidates.Add(new Candidate(thread, false));
        }

        if (allDone)
            return null;
        if (!anyCanRun)
        {
            if (TakeYielded(me) is { } spinning)
                return spinning;
            return LetTimePass();
        }

        // A timed wait may end at any moment, at the price of a preemption.
        if (_preemptionsLeft > 0 && Settings.MayTimeOut)
            AddTimeouts(me);
        int chosen = _candidates.Count == 1 ? 0 : Record(_strategy.ChooseThread(_candidates));
        (VirtualThread next, bool byTimeout) = _candidates[chosen];
        if (((mayGoOn && next != me) || byTimeout) && _preemptionsLeft != int.MaxValue)
            _preemptionsLeft--;
        if (byTimeout)
            TimeOut(next);
        if (!next.IsDaemon)
            _idleWaits = 0;
        foreach (VirtualThread thread in _threads)
        {
            if (thread != next)
                thread.HasYielded = false;
        }

        return next;
    }

    private VirtualThread? TakeYielded(VirtualThread me)
    {
        VirtualThread? spinning = null;
        foreach (VirtualThread thread in _threads)
        {
            if (thread.CanRun && (spinning is null || thread == me))
                spinning = thread;
        }

        return spinning;
    }

    private void AddTimeouts(VirtualThread me)
    {
        foreach (VirtualThread thread in _threads)
        {
            if (thread != me && !thread.HasEnded && !thread.CanRun && thread.Deadline != long.MaxValue)
                _candidates.Add(new Candidate(thread, true));
        }
    }

    private VirtualThread? LetTimePass()
    {
        VirtualThread? first = null;
        foreach (VirtualThread thread in _threads)
        {
            if (!thread.HasEnded && thread.Deadline != long.MaxValue && (first is null || thread.Deadline < first.Deadline))
                first = thread;
        }

        if (first is null || ++_idleWaits > MostIdleWaits)
            return null;
        TimeOut(first);
        return first;
    }

    private void TimeOut(VirtualThread thread)
    {
        Now = Math.Max(Now, thread.Deadline);
        thread.TimedOut = true;
    }

    private int Record(int chosen)
    {
        _choices.Add(chosen);
        return chosen;
    }

    private bool IsDone => _threads.TrueForAll(static thread => thread.HasEnded || thread.IsDaemon);

    private string WhoWaits() => "nobody can go on: " + string.Join("; ", _threads.Where(thread => !thread.HasEnded).Select(thread => $"{thread.Name} waits for {thread.Obstacle}"));
}

/// <summary>What holds for every execution of a scenario.</summary>
/// <param name="MostSteps">Longer executions count as livelocks.</param>
/// <param name="NanosecondsPerStep">How fast the clock runs while threads run.</param>
/// <param name="CanSpin">Waiters spin before they sleep, and locks are lent.</param>
/// <param name="HasTicker">The lock's timer thread runs.</param>
/// <param name="MayTimeOut">A timed wait may end at any moment, and not only when nobody else can run.</param>
internal sealed record ExecutionSettings(int MostSteps = 3000, long NanosecondsPerStep = 100, bool CanSpin = false, bool HasTicker = false, bool MayTimeOut = true);

/// <summary>The real threads, each with its number in the executions.</summary>
internal sealed class WorkerPool
{
    private readonly List<Worker> _workers = [];

    internal Worker Rent(int number)
    {
        while (_workers.Count <= number)
            _workers.Add(new Worker(_workers.Count));
        return _workers[number];
    }
}
