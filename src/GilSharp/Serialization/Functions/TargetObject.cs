namespace GilSharp.Serialization;

/// <summary>An object that a delegate is closed over, or any captured value, through whichever serializer the pool has.</summary>
internal static class TargetObject
{
    private static ObjectBody? s_unused;

    public static void Write(ref GraphWriter writer, object target)
    {
        if (writer.CapturedBy is null)
        {
            writer.WriteReference(target, typeof(object), ref s_unused);
            return;
        }

        writer.WriteBlob(TypeIdentity.Of(target.GetType()));
        ForeignValues.For(target.GetType()).WriteBoxed(ref writer, target);
    }

    public static object? Read(ref GraphReader reader) =>
        reader.CapturedBy is null ? reader.ReadReference(typeof(object), ref s_unused) : ForeignValues.For(TypeIdentity.Resolve(reader.ReadBlob())).ReadBoxed(ref reader);
}

/// <summary>Converters that hand values to the serializer of the pool.</summary>
internal static class ForeignValues
{
    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<Type, Converter> Cache = [];

    public static Converter For(Type type) => Cache.TryGetValue(type, out Converter? converter) ? converter : Cache.GetOrAdd(type, Create(type));

    private static Converter Create(Type type)
    {
        // Functions and reporters do not go through a serializer.
        bool own = type.IsAssignableTo(typeof(Delegate)) || Reporters.IsPlaceFor(type) || Reporters.ImplementedBy(type) is not null;
        return own ? Converters.For(type) : (Converter)Mirror.Make(typeof(ForeignConverter<>), type);
    }
}

/// <summary>A value as the pool's serializer writes it, with its length in front.</summary>
internal sealed class ForeignConverter<T> : Converter<T>
{
    public override void Write(ref GraphWriter writer, T value)
    {
        ByteSink sink = ByteSink.Rent();
        try
        {
            writer.CapturedBy!.Serialize(sink, value);
            writer.WriteBlob(sink.Written);
        }
        catch (Exception e) when (e is not CallSerializationException)
        {
            throw new CallSerializationException($"{writer.CapturedBy!.GetType().Name} could not serialise a value of type {TypeDisplay.NameOf(typeof(T))}: {e.Message}", e);
        }
        finally
        {
            sink.Return();
        }
    }

    public override T Read(ref GraphReader reader) => reader.CapturedBy!.Deserialize<T>(new System.Buffers.ReadOnlySequence<byte>(reader.ReadBlob().ToArray()));
}
