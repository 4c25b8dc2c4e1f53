namespace GilSharp.Serialization;

/// <summary>Converters for declared reference types: classes, interfaces, arrays, delegates.</summary>
internal static class ReferenceConverters
{
    public static Converter Create(Type type)
    {
        if (Reporters.IsPlaceFor(type))
            return (Converter)Mirror.Make(typeof(ProgressConverter<>), type.GetGenericArguments());

        return (Converter)Mirror.Make(typeof(ReferenceConverter<>), type);
    }
}

internal sealed class ReferenceConverter<T> : Converter<T>
    where T : class?
{
    private ObjectBody? _body;

    public override void Write(ref GraphWriter writer, T value) => writer.WriteReference(value, typeof(T), ref _body);

    public override T Read(ref GraphReader reader) => (T)reader.ReadReference(typeof(T), ref _body)!;
}

internal sealed class StringBody : ObjectBody
{
    public override bool IsTracked => false;

    public override void Write(ref GraphWriter writer, object value) => writer.WriteString((string)value);

    public override object Read(ref GraphReader reader) => reader.ReadText();
}

/// <summary>A value type in a place of type object or an interface.</summary>
internal sealed class BoxBody(Converter converter) : ObjectBody
{
    public override bool IsTracked => false;

    public override void Write(ref GraphWriter writer, object value) => converter.WriteBoxed(ref writer, value);

    public override object Read(ref GraphReader reader) => converter.ReadBoxed(ref reader) ?? throw CallSerializationException.Malformed("a boxed value is missing");
}

/// <summary>An object whose fields are what it is.</summary>
internal sealed class FieldsBody(Type type) : ObjectBody
{
    private readonly FieldPlan _plan = new(type);

    public override bool HasShell => true;

    public override object CreateShell(ref GraphReader reader, out long minimumBodySize)
    {
        minimumBodySize = _plan.MinimumSize;
        reader.EnsureRoomFor(minimumBodySize, 1);
        return Mirror.Blank(type);
    }

    public override void Write(ref GraphWriter writer, object value)
    {
        if (_plan.Emitted is ClassAccess access)
            access.Write(ref writer, value);
        else
            _plan.Write(ref writer, value);
    }

    public override void Fill(ref GraphReader reader, object shell)
    {
        if (_plan.Emitted is ClassAccess access)
            access.Read(ref reader, shell);
        else
            _plan.Read(ref reader, shell);
    }
}
