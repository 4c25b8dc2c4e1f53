using System.Buffers;
using GilSharp;
using MemoryPack;

namespace Serializers;

/// <summary>MemoryPack: the fastest for types that are marked [MemoryPackable]; its code is generated, so it suits NativeAOT.</summary>
internal sealed class MemoryPackPayloads : IPayloadSerializer
{
    public void Serialize<T>(IBufferWriter<byte> writer, T value) => MemoryPackSerializer.Serialize(writer, value);

    public T Deserialize<T>(in ReadOnlySequence<byte> payload) => MemoryPackSerializer.Deserialize<T>(payload)!;
}
