using System.Buffers.Binary;

namespace GilSharp.Ipc;

/// <summary>How an answer ends: four bytes that follow from its call's id.</summary>
/// <remarks>
/// A header says how long a frame is, not what lies in between: half an answer with the next one behind it, or with something printed in its middle, would be
/// read to its length and believed. The mark isn't where it should be then.
/// </remarks>
internal static class AnswerMark
{
    internal const int Size = sizeof(int);

    /// <summary>Ids are small numbers, and so is much of what answers hold; marks are spread over all 32 bits.</summary>
    internal static int Of(long callId) => unchecked((int)(~(uint)callId * 0x9E37_79B1));

    /// <summary>Takes the mark off an answer.</summary>
    /// <exception cref="InvalidDataException">It does not end with it.</exception>
    internal static ReadOnlyMemory<byte> Strip(ReadOnlyMemory<byte> payload, long callId)
    {
        int length = payload.Length - Size;
        if (length < 0 || BinaryPrimitives.ReadInt32LittleEndian(payload.Span[length..]) != Of(callId))
            throw new InvalidDataException($"The answer of call {callId} does not end as it should: bytes are missing from it, or others stand in it.");
        return payload[..length];
    }
}
