using System.Runtime.CompilerServices;
using GilSharp.Processes.Worker;
using GilSharp.Serialization;

namespace GilSharp.Processes;

/// <summary>How the results of a chunk's items stand in a frame.</summary>
/// <remarks>
/// <code>
///  item of the first   microseconds since the chunk began   runs …
///        int                         int
///
///  run of values: how many (int, over 0), then the values: raw ones as the bytes they are, others each with its length in front
///  an error:      -1, length, exception
/// </code>
/// A chunk is answered by one such frame, or by several, all but the last marked <see cref="Ipc.CallFlags.More"/>.
/// </remarks>
internal static class ChunkFormat
{
    internal const int HeaderLength = 2 * sizeof(int);

    internal const int Error = -1;

    private const int LargestRaw = 1024;

    /// <summary>Whether values stand there as their own bytes.</summary>
    internal static bool IsRaw<T>(PayloadCodec codec) =>
        typeof(T) == typeof(Nothing) || (codec.IsPlain<T>() && Blittable<T>.Value && Unsafe.SizeOf<T>() <= LargestRaw);

    /// <summary>What a function returns that has no result takes no room.</summary>
    internal static int RawSize<T>() => typeof(T) == typeof(Nothing) ? 0 : Unsafe.SizeOf<T>();
}
