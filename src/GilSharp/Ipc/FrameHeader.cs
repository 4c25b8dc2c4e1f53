using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GilSharp.Ipc;

/// <summary>The sixteen bytes before every payload, both ways.</summary>
/// <remarks>
/// <code>
///  0        4    5     6      8                 16
///  +--------+----+-----+------+-----------------+---------------
///  | length |kind|flags| slot |     call id     | payload …
///  +--------+----+-----+------+-----------------+---------------
/// </code>
/// Length counts the payload only. The call id and its slot on the worker's <see cref="StatusPage"/> stand before the payload, so a payload that
/// can't be read fails one call. Both ends are the same program on the same machine: integers are in the machine's own order.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct FrameHeader
{
    internal const int Size = 16;

    /// <summary>The longest payload: the largest array of bytes that the runtime makes.</summary>
    internal const int MaxLength = 0x7FFF_FFC7 - Size;

    [FieldOffset(0)] internal int Length;
    [FieldOffset(4)] internal FrameKind Kind;
    [FieldOffset(5)] internal CallFlags Flags;
    [FieldOffset(6)] internal ushort Slot;
    [FieldOffset(8)] internal long CallId;

    internal FrameHeader(FrameKind kind, long callId = 0, ushort slot = 0, CallFlags flags = CallFlags.None, int length = 0)
    {
        Length = length;
        Kind = kind;
        Flags = flags;
        Slot = slot;
        CallId = callId;
    }

    // Unsafe, behind a check of the length: MemoryMarshal's reads and writes of our own types would be compiled in every process before its first call.
    internal readonly void Write(Span<byte> destination) => Unsafe.WriteUnaligned(ref MemoryMarshal.GetReference(destination[..Size]), this);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static FrameHeader Read(ReadOnlySpan<byte> source) => Unsafe.ReadUnaligned<FrameHeader>(ref MemoryMarshal.GetReference(source[..Size]));
}

/// <summary>Which optional sections stand before the arguments of a call, in this order.</summary>
[Flags]
internal enum CallFlags : byte
{
    None = 0,

    /// <summary>Captured variables, or the instance that the method is called on.</summary>
    HasTarget = 1,

    /// <summary>Culture, name, attempt, trace: what surrounds a call.</summary>
    HasContext = 2,

    /// <summary>Somebody may stop the call: the worker publishes when it started it, and its answer doesn't wait for others.</summary>
    Watched = 4,

    /// <summary>The argument is an array of items and the function runs once for each.</summary>
    Chunk = 8,

    /// <summary>In a result of a chunk: the first of its results, others follow in another frame.</summary>
    More = 16,

    /// <summary>The target section is the number under which <see cref="FrameKind.DefineTarget"/> sent it.</summary>
    SharedTarget = 32,

    /// <summary>In an answer: some of it is in memory that the worker has lent, and wants back. In what gives it back: it could not be taken.</summary>
    Lent = 64,

    /// <summary>The answer begins with when the call started and ended: two numbers of the monotonic clock.</summary>
    Measured = 128,
}
