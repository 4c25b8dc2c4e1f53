using System.Runtime.CompilerServices;

namespace GilSharp.Samples.Countdown;

/// <summary>An object whose owner shares it with two threads; each takes references to it and drops them again.</summary>
internal abstract class CountedObject
{
    /// <summary>How far the count is from what it should be, after everybody has dropped what he took.</summary>
    public abstract long CountsLost { get; }

    /// <summary>It was freed while somebody held a reference.</summary>
    public bool FreedTooEarly { get; protected set; }

    /// <summary>It was not freed when the last reference was dropped.</summary>
    public bool Leaked { get; protected set; }

    /// <summary>Takes and drops a reference, again and again, on the calling thread.</summary>
    public abstract void TakeAndDrop(int times);

    /// <summary>The owner drops its own reference, the last one.</summary>
    public abstract void DropLast();
}

/// <summary>Counted with ++ and --, as if no other thread existed.</summary>
internal sealed class PlainlyCounted : CountedObject
{
    private int _count = 1;
    private long _lost;

    public override long CountsLost => _lost;

    public override void TakeAndDrop(int times)
    {
        for (int i = 0; i < times; i++)
        {
            Take();
            // The owner still has its reference: nobody else's can have been the last.
            if (Drop() == 0)
                FreedTooEarly = true;
        }
    }

    public override void DropLast()
    {
        int left = Drop();
        _lost = Math.Abs((long)left);
        Leaked = left > 0;
    }

    // Each a call of its own, as in an interpreter, where other code runs between taking a reference and dropping it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Take() => _count++;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Drop() => --_count;
}

/// <summary>Counted by <see cref="RefCounted{T}"/>, in one of its modes.</summary>
internal sealed class HandleCounted : CountedObject
{
    private const int TakenBetweenCheckpoints = 1_000;

    private readonly RefCounted<object> _owner;
    private readonly GlobalInterpreterLock? _gil;
    private int _freed;

    public HandleCounted(RefCountMode mode) => _owner = RefCounted.Create(new object(), mode, _ => Interlocked.Increment(ref _freed));

    public HandleCounted(GlobalInterpreterLock gil)
    {
        _gil = gil;
        _owner = RefCounted.Create(new object(), gil, _ => Interlocked.Increment(ref _freed));
    }

    public override long CountsLost => _freed == 1 ? 0 : 1;

    public override void TakeAndDrop(int times)
    {
        if (_gil is null)
        {
            TakeAndDropHandles(times);
            return;
        }
        using (_gil.EnterScope())
        {
            for (int left = times; left > 0; left -= TakenBetweenCheckpoints)
            {
                TakeAndDropHandles(Math.Min(left, TakenBetweenCheckpoints));
                _gil.Checkpoint();
            }
        }
    }

    public override void DropLast()
    {
        if (_gil is null)
            _owner.Dispose();
        else
            _gil.Run(_owner.Dispose);
        Leaked = _freed == 0;
    }

    private void TakeAndDropHandles(int times)
    {
        for (int i = 0; i < times; i++)
        {
            using RefCounted<object> reference = _owner.AddReference();
            if (Volatile.Read(ref _freed) != 0)
                FreedTooEarly = true;
        }
    }
}
