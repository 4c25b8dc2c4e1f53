using System.Buffers;
using System.Runtime.CompilerServices;
using GilSharp.Serialization;

namespace GilSharp.Processes;

/// <summary>Values to bytes and back: by the field codec, or by the serializer that the pool's options name.</summary>
internal readonly struct PayloadCodec(IPayloadSerializer? custom)
{
    internal IPayloadSerializer Serializer => custom ?? FieldCodec.Default;

    /// <summary>Decoding runs no code but our own, so any thread of ours may do it.</summary>
    internal bool IsPlain<T>() => custom is null && (!RuntimeHelpers.IsReferenceOrContainsReferences<T>() || typeof(T) == typeof(string));

    internal void Write<T>(IBufferWriter<byte> writer, T value)
    {
        if (custom is null || IsReporter<T>()) FieldCodec.Default.Serialize(writer, value);
        else WriteCustom(writer, value);
    }

    internal void WriteResult<T>(IBufferWriter<byte> writer, T value)
    {
        try
        {
            Write(writer, value);
        }
        catch (CallSerializationException refusal) when (refusal.From("the result"))
        {
            throw;
        }
    }

    internal T Read<T>(ReadOnlyMemory<byte> payload) =>
        custom is null || IsReporter<T>() ? FieldCodec.Default.Deserialize<T>(payload.Span) : ReadCustom<T>(payload);

    // Reporters stay where they are, and do not go through a serializer.
    private static bool IsReporter<T>() => Reporters.IsPlaceFor(typeof(T));

    private void WriteCustom<T>(IBufferWriter<byte> writer, T value)
    {
        if (Reporting<T>.Implemented is not null) throw TravelRules.Refusal(typeof(T));
        try
        {
            custom!.Serialize(writer, value);
        }
        catch (Exception exception) when (exception is not CallSerializationException)
        {
            throw new CallSerializationException($"A value of type {typeof(T)} can't be serialised by {custom!.GetType()}: {exception.Message}", exception);
        }
    }

    private T ReadCustom<T>(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return custom!.Deserialize<T>(new ReadOnlySequence<byte>(payload));
        }
        catch (Exception exception) when (exception is not CallSerializationException)
        {
            throw new CallSerializationException($"A value of type {typeof(T)} can't be deserialised by {custom!.GetType()}: {exception.Message}", exception);
        }
    }

    private static class Reporting<T>
    {
        internal static readonly Type? Implemented = Reporters.IsPlaceFor(typeof(T)) ? null : Reporters.ImplementedBy(typeof(T));
    }
}
