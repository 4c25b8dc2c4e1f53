namespace GilSharp.Ipc;

/// <summary>What the page says of answers that wait to be written together: they outlive the worker.</summary>
/// <remarks>
/// Written first and counted afterwards, and counted until they are in the channel: the parent of a dead worker may find an answer twice, and never half of
/// one. It looks at the answers themselves only when the worker is gone.
/// </remarks>
internal sealed unsafe partial class StatusPage
{
    private const long BeingWritten = 1L << 32;

    /// <summary>How many bytes of answers may be held.</summary>
    internal const int HeldLength = 16 * 1024;

    /// <summary>Where answers wait to be written together. The worker's.</summary>
    internal Span<byte> Held => new(_page + PageLength + ResultsLength, HeldLength);

    /// <summary>So many bytes of answers are whole, and not known to be written. The worker's.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="areBeingWritten">They are about to be written: some are in the channel before all are.</param>
    internal void CountHeld(int bytes, bool areBeingWritten = false) => Volatile.Write(ref Word(HeldAt), areBeingWritten ? (uint)bytes | BeingWritten : (uint)bytes);

    /// <summary>Answers wait, or are being written at this moment. Of a call that the page names no more, this is asked last.</summary>
    internal bool HoldsAnswers => Volatile.Read(ref Word(HeldAt)) != 0;

    /// <summary>Answers that were held are being written at this moment.</summary>
    internal bool WritesHeld => (Volatile.Read(ref Word(HeldAt)) & BeingWritten) != 0;

    /// <summary>What a worker that is gone held: frames, some of which may have been written.</summary>
    internal ReadOnlySpan<byte> HeldByDead => Held[..(int)Math.Clamp(Volatile.Read(ref Word(HeldAt)) & ~BeingWritten, 0, HeldLength)];
}
