using System.Buffers.Binary;

namespace GilSharp.Processes.Worker;

/// <summary>Takes the arguments of a call from its payload, one after the other.</summary>
/// <remarks>A single argument is the whole rest; several have their length in front. A cancellation token takes no bytes: it is the call's own.</remarks>
internal ref struct ArgumentReader(ReadOnlyMemory<byte> payload, bool single, PayloadCodec codec, CancellationToken token)
{
    private ReadOnlyMemory<byte> _rest = payload;

    internal T Next<T>()
    {
        if (typeof(T) == typeof(CancellationToken)) return (T)(object)token;
        if (single) return codec.Read<T>(_rest);
        int length = BinaryPrimitives.ReadInt32LittleEndian(_rest.Span);
        ReadOnlyMemory<byte> argument = _rest.Slice(sizeof(int), length);
        _rest = _rest[(sizeof(int) + length)..];
        return codec.Read<T>(argument);
    }
}
