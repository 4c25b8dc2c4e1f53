namespace GilSharp.Serialization;

/// <summary>Where progress reporters of a call are registered while its arguments are written, and made while they are read.</summary>
internal interface IProgressChannel
{
    /// <summary>In the caller: remembers a reporter and gives it a number that is sent in its place.</summary>
    int Register<T>(IProgress<T> progress);

    /// <summary>In the worker: a stand-in whose reports go to the reporter with that number.</summary>
    IProgress<T> Create<T>(int number);

    /// <summary>The way for shared memory, which goes beside the same values; null where there is none.</summary>
    IRegionChannel? Regions { get; }
}

/// <summary>What surrounds the call whose values this thread is writing or reading.</summary>
internal static class CodecContext
{
    [ThreadStatic]
    private static IProgressChannel? t_progress;

    /// <summary>The channel of the current call; null outside of one: a reporter is refused then.</summary>
    public static IProgressChannel? Progress
    {
        get => t_progress;
        set => t_progress = value;
    }
}

/// <summary>A place of type IProgress&lt;T&gt;: whatever stands there reports to the caller.</summary>
internal sealed class ProgressConverter<T> : Converter<IProgress<T>?>
{
    private ObjectBody? _body;

    public override void Write(ref GraphWriter writer, IProgress<T>? value)
    {
        _body ??= new ProgressBody<T>().For(typeof(IProgress<T>));
        if (value is null)
        {
            writer.WriteByte((byte)ReferenceToken.Null);
            return;
        }

        WriterTables tables = writer.Tables;
        if (tables.TryFindAs(typeof(T), value, out int number))
        {
            writer.WriteBack(tables, number, _body);
            return;
        }

        number = tables.AddAs(typeof(T), value);
        writer.WriteByte((byte)ReferenceToken.Declared);
        _body.Write(ref writer, value);
        tables.Finish(number, whole: true);
    }

    public override IProgress<T>? Read(ref GraphReader reader)
    {
        _body ??= new ProgressBody<T>().For(typeof(IProgress<T>));
        return (IProgress<T>?)reader.ReadReference(typeof(IProgress<T>), ref _body);
    }
}

/// <summary>A reporter by its number.</summary>
internal sealed class ProgressBody<T> : ObjectBody
{
    public override void Write(ref GraphWriter writer, object value)
    {
        IProgressChannel channel = CodecContext.Progress
            ?? throw CallSerializationException.Refused(value.GetType(), "an IProgress<T> can be an argument of a call or a captured variable, nothing else.");

        writer.WriteUnmanaged(channel.Register((IProgress<T>)value));
    }

    public override object Read(ref GraphReader reader)
    {
        IProgressChannel channel = CodecContext.Progress ?? throw CallSerializationException.Malformed("a progress reporter stands outside of a call");
        return channel.Create<T>(reader.ReadUnmanaged<int>());
    }
}
