using System.Buffers;
using GilSharp.Serialization;

namespace GilSharp.Tests.Serialization;

/// <summary>There and back through bytes, as through a process.</summary>
internal static class Codec
{
    public static byte[] Bytes<T>(T value)
    {
        var writer = new ArrayBufferWriter<byte>();
        FieldCodec.Default.Serialize(writer, value);
        return writer.WrittenSpan.ToArray();
    }

    public static T RoundTrip<T>(T value) => FieldCodec.Default.Deserialize<T>(Bytes(value));

    public static CallSerializationException Refusal<T>(T value) => Assert.ThrowsExactly<CallSerializationException>(() => Bytes(value));

    /// <summary>A function as it arrives in a worker: identity and target through bytes.</summary>
    public static TDelegate RoundTripFunction<TDelegate>(TDelegate function, IPayloadSerializer? serializer = null)
        where TDelegate : Delegate
    {
        serializer ??= FieldCodec.Default;
        FunctionPlan plan = FunctionPlan.For(function);
        var identity = new ArrayBufferWriter<byte>();
        plan.WriteIdentity(identity);
        var target = new ArrayBufferWriter<byte>();
        plan.WriteTarget(target, function, serializer);
        FunctionPlan found = FunctionPlan.ReadIdentity(identity.WrittenSpan);
        Assert.AreEqual(plan.HasTarget, found.HasTarget);
        return (TDelegate)found.ReadDelegate(target.WrittenSpan, serializer);
    }

    public static Exception RoundTripException(Exception exception)
    {
        var writer = new ArrayBufferWriter<byte>();
        ExceptionCodec.Write(writer, exception);
        return ExceptionCodec.Read(writer.WrittenSpan);
    }
}
