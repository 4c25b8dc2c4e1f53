namespace GilSharp.Races.Exploring;

/// <summary>How far an exhaustive search goes: switches away from a thread that could go on, and reads of a store that is not the latest.</summary>
internal readonly record struct Bounds(int Preemptions, int StaleReads)
{
    internal static readonly Bounds None = new(int.MaxValue, int.MaxValue);

    public override string ToString() => this == None ? "no bound" : $"{Preemptions} preemptions, {StaleReads} stale reads";
}

/// <summary>Chooses at each step who goes on, and what a read meets.</summary>
internal abstract class Strategy
{
    internal virtual Bounds Bounds => Bounds.None;

    /// <summary>Prepares the next execution; false if there is none.</summary>
    internal abstract bool Begin();

    /// <summary>The last execution is void and is to be repeated.</summary>
    internal virtual void Repeat()
    {
    }

    /// <summary>One of the threads; the first is the one that ran, if it can go on.</summary>
    internal abstract int ChooseThread(List<Candidate> candidates);

    internal abstract int ChooseValue(int count);
}

/// <summary>A thread that may run next.</summary>
/// <param name="Thread">The thread.</param>
/// <param name="ByTimeout">Its timed wait ends now.</param>
internal readonly record struct Candidate(VirtualThread Thread, bool ByTimeout);

/// <summary>All executions within the bounds, depth first.</summary>
internal sealed class Exhaustive(Bounds bounds) : Strategy
{
    private readonly List<(int Chosen, int Count)> _path = [];
    private int _depth;
    private bool _begun;

    internal override Bounds Bounds => bounds;

    internal override bool Begin()
    {
        _depth = 0;
        if (!_begun)
            return _begun = true;
        while (_path.Count > 0)
        {
            (int chosen, int count) = _path[^1];
            if (chosen + 1 < count)
            {
                _path[^1] = (chosen + 1, count);
                return true;
            }

            _path.RemoveAt(_path.Count - 1);
        }

        return false;
    }

    internal override void Repeat() => _depth = 0;

    internal override int ChooseThread(List<Candidate> candidates) => Choose(candidates.Count);

    internal override int ChooseValue(int count) => Choose(count);

    private int Choose(int count)
    {
        if (_depth == _path.Count)
            _path.Add((0, count));
        if (_path[_depth].Count != count)
            throw new InvalidOperationException($"The execution is not deterministic: at choice {_depth} there were {_path[_depth].Count} possibilities before and are {count} now.");
        return _path[_depth++].Chosen;
    }
}

/// <summary>Walks at random: mostly straight on, sometimes aside.</summary>
internal sealed class RandomWalk(int seed, int executions) : Strategy
{
    private readonly Random _random = new(seed);
    private int _left = executions;
    private double _aside;

    internal override bool Begin()
    {
        _aside = _random.NextDouble() * _random.NextDouble();
        return _left-- > 0;
    }

    internal override int ChooseThread(List<Candidate> candidates)
    {
        if (_random.NextDouble() >= _aside)
            return 0;
        int chosen = _random.Next(candidates.Count);
        // Time passes less often than threads run.
        return candidates[chosen].ByTimeout && _random.Next(8) != 0 ? 0 : chosen;
    }

    internal override int ChooseValue(int count) => _random.Next(3) == 0 ? _random.Next(count) : 0;
}

/// <summary>Priorities with a few change points (PCT): finds a bug of depth d with a probability of at least 1/(n·k^(d−1)).</summary>
internal sealed class Priorities(int seed, int executions, int changes) : Strategy
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<int, double> _priorities = [];
    private readonly HashSet<int> _changeAt = [];
    private int _left = executions;
    private int _step;
    private int _longest = 50;

    internal override bool Begin()
    {
        _longest = Math.Max(_longest, _step);
        _step = 0;
        _priorities.Clear();
        _changeAt.Clear();
        for (int i = 0; i < changes; i++)
            _changeAt.Add(_random.Next(_longest));
        return _left-- > 0;
    }

    internal override int ChooseThread(List<Candidate> candidates)
    {
        int best = 0;
        for (int i = 1; i < candidates.Count; i++)
        {
            if (PriorityOf(candidates[i]) > PriorityOf(candidates[best]))
                best = i;
        }

        if (_changeAt.Contains(_step++))
            _priorities[KeyOf(candidates[best])] = -_step;
        return best;
    }

    internal override int ChooseValue(int count) => _random.Next(4) == 0 ? _random.Next(count) : 0;

    private static int KeyOf(Candidate candidate) => candidate.ByTimeout ? -1 - candidate.Thread.Id : candidate.Thread.Id;

    private double PriorityOf(Candidate candidate)
    {
        int key = KeyOf(candidate);
        if (!_priorities.TryGetValue(key, out double priority))
            _priorities[key] = priority = _random.NextDouble() - (candidate.ByTimeout ? 0.7 : 0);
        return priority;
    }
}

/// <summary>One execution once more.</summary>
internal sealed class Replay(Schedule schedule) : Strategy
{
    private int _next;
    private bool _begun;

    internal override Bounds Bounds => schedule.Bounds;

    internal override bool Begin()
    {
        _next = 0;
        return !_begun && (_begun = true);
    }

    internal override void Repeat() => _next = 0;

    internal override int ChooseThread(List<Candidate> candidates) => Choose(candidates.Count);

    internal override int ChooseValue(int count) => Choose(count);

    private int Choose(int count) =>
        _next < schedule.Choices.Count && schedule.Choices[_next] < count ? schedule.Choices[_next++] : 0;
}
