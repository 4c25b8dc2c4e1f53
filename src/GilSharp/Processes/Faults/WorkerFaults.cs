using System.Runtime.CompilerServices;
using GilSharp.Ipc;
using GilSharp.Processes.Worker;

namespace GilSharp.Processes.Faults;

/// <summary>Does in a worker what a <see cref="FaultPlan"/> says. There is none in a worker of a pool without a plan.</summary>
internal sealed class WorkerFaults
{
    private readonly FaultRule[] _rules;
    private readonly int[] _passed;
    private readonly Random _dice;
    private byte[]? _heldBack; // the answer that is to come after the next

    private WorkerFaults(int seed, FaultRule[] rules)
    {
        _rules = rules;
        _passed = new int[rules.Length];
        _dice = new Random(seed ^ Environment.ProcessId);
    }

    /// <summary>The plan that the pool gave to this worker, if any; the variable is gone afterwards.</summary>
    internal static WorkerFaults? Take()
    {
        if (Environment.GetEnvironmentVariable(FaultPlan.Variable) is not { } text) return null;
        Environment.SetEnvironmentVariable(FaultPlan.Variable, null);
        (int seed, FaultRule[] rules) = FaultPlan.Read(text);
        return new WorkerFaults(seed, rules);
    }

    /// <summary>The worker has come to a point: it may not come further.</summary>
    internal void At(FaultPoint point)
    {
        for (int i = 0; i < _rules.Length; i++)
        {
            FaultRule rule = _rules[i];
            if (rule.Point != point || rule.Action > FaultAction.Delay || !Strikes(i)) continue;
            if (point == FaultPoint.Idle) new Thread(() => Later(rule)) { IsBackground = true }.Start();
            else Do(rule);
        }
    }

    /// <summary>Writes an answer, or what the plan makes of it.</summary>
    internal void Answer(WorkerChannel channel, HeldAnswers held, ReadOnlySpan<byte> frame, long took, bool mayWait)
    {
        At(FaultPoint.BeforeAnswer);
        FaultAction? corruption = null;
        bool within = false;
        for (int i = 0; i < _rules.Length; i++)
        {
            within |= _rules[i].Point == FaultPoint.WithinAnswer;
            if (corruption is null && _rules[i].Action > FaultAction.Delay && Strikes(i)) corruption = _rules[i].Action;
        }

        if (corruption is not null || within || _heldBack is not null) held.Write();
        if (corruption is { } action)
        {
            Corrupt(channel, frame, action);
        }
        else if (within)
        {
            channel.Write(frame[..(frame.Length / 2)]);
            At(FaultPoint.WithinAnswer);
            channel.Write(frame[(frame.Length / 2)..]);
        }
        else
        {
            held.Add(frame, took, mayWait && _heldBack is null);
            if (_heldBack is { } late) channel.Write(late);
            _heldBack = null;
        }

        At(FaultPoint.AfterAnswer);
    }

    private bool Strikes(int index)
    {
        FaultRule rule = _rules[index];
        if (_passed[index]++ < rule.Skip || (rule.Probability < 1 && _dice.NextDouble() >= rule.Probability)) return false;
        if (rule.Once is not { } path) return true;
        try
        {
            using FileStream file = new(path, FileMode.CreateNew);
            return true;
        }
        catch (IOException)
        {
            return false; // another was struck
        }
    }

    private static void Later(FaultRule rule)
    {
        Thread.Sleep(rule.Milliseconds);
        Do(rule);
    }

    private static void Do(FaultRule rule)
    {
        switch (rule.Action)
        {
            case FaultAction.Exit when rule.Point == FaultPoint.WithinAnswer: HostSystem.Current.ExitNow(3); break; // a managed one waits until the frame is whole
            case FaultAction.Exit: Environment.Exit(3); break;
            case FaultAction.FailFast: Environment.FailFast("misfortune: fail fast"); break;
            case FaultAction.SegmentationFault: HostSystem.Current.Crash(); break;
            case FaultAction.StackOverflow: _ = Descend(0); break;
            case FaultAction.Kill: HostSystem.Current.KillNow(); break;
            case FaultAction.Delay: Thread.Sleep(rule.Milliseconds); break;
        }
    }

    private void Corrupt(WorkerChannel channel, ReadOnlySpan<byte> frame, FaultAction action)
    {
        FrameHeader header = FrameHeader.Read(frame);
        switch (action)
        {
            case FaultAction.Garbage:
                byte[] garbage = new byte[64];
                _dice.NextBytes(garbage);
                garbage[4] |= 0x80; // no kind has that bit
                channel.Write(garbage);
                break;
            case FaultAction.Text: channel.Write("CDEFG is what somebody printed\n"u8); break;
            case FaultAction.Truncated:
                channel.Write(frame[..(frame.Length / 2)]);
                return;
            case FaultAction.Oversized: header.Length = FrameHeader.MaxLength + 1; break;
            case FaultAction.Overlong: header.Length = 1 << 30; break;
            case FaultAction.Duplicated: channel.Write(frame); break;
            case FaultAction.Reordered:
                _heldBack = frame.ToArray();
                return;
            case FaultAction.ForeignCall: header.CallId ^= 1L << 40; break;
            case FaultAction.ForeignKind: Write(channel, new FrameHeader(FrameKind.Call), default); break;
            case FaultAction.ForeignRegion:
                const int Length = (2 * sizeof(long)) + sizeof(int);
                Write(channel, new FrameHeader(FrameKind.RegionSent, header.CallId, header.Slot, length: Length), new byte[Length]);
                break;
            case FaultAction.ReadyAgain: Write(channel, new FrameHeader(FrameKind.Ready), default); break;
        }

        Write(channel, header, frame[FrameHeader.Size..]);
    }

    private static void Write(WorkerChannel channel, FrameHeader header, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[FrameHeader.Size + payload.Length];
        header.Write(frame);
        payload.CopyTo(frame.AsSpan(FrameHeader.Size));
        channel.Write(frame);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Descend(int depth) => depth == int.MaxValue ? 0 : Descend(depth + 1) + Math.Abs(depth % 3);
}
