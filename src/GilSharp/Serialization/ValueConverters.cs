using System.Reflection;
using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>Converters for types whose values are no objects of their own.</summary>
internal static class ValueConverters
{
    public static Converter Create(Type type)
    {
        if (type.IsGenericType)
        {
            Type definition = type.GetGenericTypeDefinition();
            Type[] arguments = type.GetGenericArguments();
            if (definition == typeof(Nullable<>))
                return (Converter)Mirror.Make(typeof(NullableConverter<>), arguments);

            if (definition == typeof(KeyValuePair<,>))
                return (Converter)Mirror.Make(typeof(PairConverter<,>), arguments);

            if (definition == typeof(Memory<>))
                return (Converter)Mirror.Make(typeof(MemoryConverter<>), arguments);

            if (definition == typeof(ReadOnlyMemory<>))
                return (Converter)Mirror.Make(typeof(ReadOnlyMemoryConverter<>), arguments);

            if (definition == typeof(ArraySegment<>))
                return (Converter)Mirror.Make(typeof(ArraySegmentConverter<>), arguments);
        }

        // Reflection shows the first element only.
        if (type.IsDefined(typeof(InlineArrayAttribute), inherit: false))
            throw CallSerializationException.Refused(type, "it is an inline array of references, whose elements can't be seen. Let it travel as an array.");

        return ScalarBodies.TryCreateValue(type) ?? (Converter)(StaysBehind(type) ? Mirror.Make(typeof(EmptyConverter<>), type) : Mirror.Make(typeof(StructConverter<>), type));
    }

    private static bool StaysBehind(Type type) =>
        !KeptTypes.MayLackFields(type) && Array.TrueForAll(Mirror.DeclaredFields(type), static field => (field.Attributes & (FieldAttributes)0x80) != 0);
}

/// <summary>A struct all of whose fields stay behind: one byte, so that a count of them can be compared with the bytes that are left.</summary>
internal sealed class EmptyConverter<T> : Converter<T>
{
    public override bool IsSelfContained => true;

    public override void Write(ref GraphWriter writer, T value) => writer.WriteByte(0);

    public override T Read(ref GraphReader reader)
    {
        _ = reader.ReadByte();
        return default!;
    }
}

internal sealed class BlitConverter<T> : Converter<T>
{
    public override int MinimumSize => Unsafe.SizeOf<T>();

    public override bool IsSelfContained => true;

    public override void Write(ref GraphWriter writer, T value) => writer.WriteUnmanaged(value);

    public override T Read(ref GraphReader reader) => reader.ReadUnmanaged<T>();
}

/// <summary>A value type that can't travel: said where a value is met, so that the path is known.</summary>
internal sealed class RefusedConverter<T> : Converter<T>
{
    public override void Write(ref GraphWriter writer, T value) => throw TravelRules.Refusal(typeof(T));

    public override T Read(ref GraphReader reader) => throw TravelRules.Refusal(typeof(T));
}

internal sealed class StringConverter : Converter<string?>
{
    public static readonly StringConverter Instance = new();

    public override bool IsSelfContained => true;

    public override void Write(ref GraphWriter writer, string? value) => writer.WriteString(value);

    public override string? Read(ref GraphReader reader) => reader.ReadString();
}

internal sealed class NullableConverter<T> : Converter<T?>
    where T : struct
{
    public override bool IsSelfContained => Converters<T>.Instance.IsSelfContained;

    public override void Write(ref GraphWriter writer, T? value)
    {
        writer.WriteByte(value.HasValue ? (byte)1 : (byte)0);
        if (value.HasValue)
            Converters<T>.Instance.Write(ref writer, value.GetValueOrDefault());
    }

    public override T? Read(ref GraphReader reader) => reader.ReadByte() == 0 ? null : Converters<T>.Instance.Read(ref reader);
}

internal sealed class PairConverter<TKey, TValue> : Converter<KeyValuePair<TKey, TValue>>
{
    private readonly Converter<TKey> _key = Converters<TKey>.Instance;
    private readonly Converter<TValue> _value = Converters<TValue>.Instance;

    public override int MinimumSize => _key.MinimumSize + _value.MinimumSize;

    public override bool IsSelfContained => _key.IsSelfContained && _value.IsSelfContained;

    public override bool KeyIsSelfContained => _key.IsSelfContained;

    public override void Write(ref GraphWriter writer, KeyValuePair<TKey, TValue> pair)
    {
        WriteKey(ref writer, pair.Key);
        _value.Write(ref writer, pair.Value);
    }

    public override KeyValuePair<TKey, TValue> Read(ref GraphReader reader)
    {
        TKey key = _key.Read(ref reader);
        return new(key, _value.Read(ref reader));
    }

    public override void WriteEntry(ref GraphWriter writer, KeyValuePair<TKey, TValue> item, ref bool whole)
    {
        int unfinished = writer.Unfinished;
        WriteKey(ref writer, item.Key);
        whole &= writer.Unfinished == unfinished;
        _value.Write(ref writer, item.Value);
    }

    public override KeyValuePair<TKey, TValue> ReadEntry(ref GraphReader reader, ref bool whole)
    {
        TKey key = _key.ReadItem(ref reader, ref whole);
        return new(key, _value.Read(ref reader));
    }

    private void WriteKey(ref GraphWriter writer, TKey key)
    {
        try
        {
            _key.Write(ref writer, key);
        }
        catch (CallSerializationException e) when (e.Under(".Key"))
        {
            throw;
        }
    }
}

/// <summary>A struct with references in it: field by field.</summary>
internal sealed class StructConverter<T> : Converter<T>
{
    private readonly FieldPlan _plan = new(typeof(T));

    public override int MinimumSize => _plan.MinimumSize;

    // Its own Equals can look at its fields only.
    public override bool IsSelfContained => _plan.IsSelfContained;

    public override void Write(ref GraphWriter writer, T value)
    {
        if (_plan.Emitted is StructAccess<T> access)
            access.Write(ref writer, ref value);
        else
            _plan.Write(ref writer, value!);
    }

    public override T Read(ref GraphReader reader)
    {
        T value = default!;
        if (_plan.Emitted is StructAccess<T> access)
        {
            access.Read(ref reader, ref value);
            return value;
        }

        object box = value!;
        _plan.Read(ref reader, box);
        return (T)box;
    }
}
