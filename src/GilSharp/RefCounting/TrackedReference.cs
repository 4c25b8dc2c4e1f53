using System.Diagnostics.CodeAnalysis;
using GilSharp.Diagnostics;

namespace GilSharp.RefCounting;

/// <summary>Watches one reference, that of a handle, a lease or a guard, from its beginning to its end.</summary>
/// <remarks>
/// It stands between the reference and the control block only while leak detection chose this very reference, and it is the only object with a
/// finalizer: it is reachable through the reference alone, so it is collected with it, and if the reference has not ended by then, it leaked.
/// </remarks>
internal sealed class TrackedReference : Anchor
{
    private readonly Type _valueType;
    private readonly CodePlace _beginning;

    // Null from the end of the reference on; the exchange that takes it away decides who ended it.
    private ControlBlock? _block;
    private CodePlace? _end;

    internal TrackedReference(ControlBlock block, Type valueType)
        : base(AnchorKind.Tracked, block.Mode)
    {
        _valueType = valueType;
        _beginning = CodePlace.Here();
        _block = block;
    }

    // No exception may leave a finalizer, and no foreign code may run in it: the report goes to the thread pool.
    ~TrackedReference()
    {
        // Null as well if the constructor threw: then nothing was handed out that could leak.
        if (_block is { } block)
        {
            LeakReports.Post(_valueType, block.Word.Count, _beginning);
        }
    }

    internal override ControlBlock? Block => Volatile.Read(ref _block);

    internal override string? EndedAt => Volatile.Read(ref _end)?.ToString();

    /// <summary>Ends the reference for whoever comes first and gives it the block; null for a copy that comes later.</summary>
    [SuppressMessage("Usage", "CA1816:Dispose methods should call SuppressFinalize", Justification = "This is the disposal, of one reference.")]
    internal ControlBlock? End()
    {
        ControlBlock? block = Interlocked.Exchange(ref _block, null);
        if (block is not null)
        {
            Volatile.Write(ref _end, CodePlace.Here());
            GC.SuppressFinalize(this);
        }

        return block;
    }
}
