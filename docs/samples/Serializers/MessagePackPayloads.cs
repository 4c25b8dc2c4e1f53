using System.Buffers;
using GilSharp;
using MessagePack;
using MessagePack.Resolvers;

namespace Serializers;

/// <summary>MessagePack: compact, and read by programs in other languages too.</summary>
/// <remarks>The options are static: the serializer itself travels to each worker as a value, and a resolver is no value.</remarks>
internal sealed class MessagePackPayloads : IPayloadSerializer
{
    private static readonly MessagePackSerializerOptions Options = MessagePackSerializerOptions.Standard.WithResolver(StandardResolver.Instance);

    public void Serialize<T>(IBufferWriter<byte> writer, T value) => MessagePackSerializer.Serialize(writer, value, Options);

    public T Deserialize<T>(in ReadOnlySequence<byte> payload) => MessagePackSerializer.Deserialize<T>(payload, Options);
}
