using System.Buffers;
using System.Text.Json;
using GilSharp;

namespace Serializers;

/// <summary>System.Text.Json: readable on the wire, in the box.</summary>
internal sealed class JsonPayloads : IPayloadSerializer
{
    private static readonly JsonSerializerOptions Options = new() { IncludeFields = true };

    public void Serialize<T>(IBufferWriter<byte> writer, T value)
    {
        using var json = new Utf8JsonWriter(writer);
        JsonSerializer.Serialize(json, value, Options);
    }

    public T Deserialize<T>(in ReadOnlySequence<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        return JsonSerializer.Deserialize<T>(ref reader, Options)!;
    }
}
