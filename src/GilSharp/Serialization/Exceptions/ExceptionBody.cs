using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace GilSharp.Serialization;

/// <summary>An exception as a value: message, cause, data, stack trace and the fields of its own class, in the graph that it stands in.</summary>
internal sealed class ExceptionBody : ObjectBody
{
    private ObjectBody? _inner;
    private ExceptionFields? _fields;

    public override bool HasShell => true;

    private ExceptionFields Fields => _fields ??= ExceptionFields.Of(Type);

    public override object CreateShell(ref GraphReader reader, out long minimumBodySize)
    {
        minimumBodySize = ExceptionFields.MinimumSize;
        return Mirror.Blank(Type);
    }

    public override void Write(ref GraphWriter writer, object value)
    {
        var exception = (Exception)value;
        Fields.Write(ref writer, exception, withCauses: true);
        writer.WriteString(exception.StackTrace);
        try
        {
            writer.WriteReference(exception.InnerException, typeof(Exception), ref _inner);
        }
        catch (CallSerializationException e) when (e.Under(".InnerException"))
        {
            throw;
        }
    }

    public override void Fill(ref GraphReader reader, object shell)
    {
        var exception = (Exception)shell;
        Fields.Read(ref reader, exception, withCauses: true);
        if (reader.ReadString() is { } trace)
            ExceptionDispatchInfo.SetRemoteStackTrace(exception, trace);

        ExceptionParts.InnerException(exception) = (Exception?)reader.ReadReference(typeof(Exception), ref _inner);
    }
}

/// <summary>The fields of an exception's class and of the classes between it and Exception.</summary>
/// <remarks>Tasks, tokens and caches in exceptions of .NET stay behind: they say nothing about what happened.</remarks>
internal sealed class ExceptionFields(Type type)
{
    private static readonly ConditionalWeakTable<Type, ExceptionFields> Cache = [];

    private FieldPlan? _plan;

    public static int MinimumSize => sizeof(int) + 4;

    private FieldPlan Plan => _plan ??= new FieldPlan(type, () => SlotsOf(type));

    public static ExceptionFields Of(Type type) => Cache.TryGetValue(type, out ExceptionFields? fields) ? fields : Cache.GetOrAdd(type, new ExceptionFields(type));

    /// <exception cref="CallSerializationException">A field can't travel.</exception>
    public void Write(ref GraphWriter writer, Exception exception, bool withCauses)
    {
        writer.WriteUnmanaged(exception.HResult);
        writer.WriteString(ExceptionParts.Message(exception));
        writer.WriteString(exception.HelpLink);
        writer.WriteString(ExceptionParts.Source(exception));
        WriteData(ref writer, exception);
        Plan.Write(ref writer, exception);
        if (withCauses && exception is AggregateException aggregate)
            Converters<Exception[]>.Instance.Write(ref writer, [.. aggregate.InnerExceptions]);
    }

    public void Read(ref GraphReader reader, Exception exception, bool withCauses)
    {
        exception.HResult = reader.ReadUnmanaged<int>();
        ExceptionParts.Message(exception) = reader.ReadString();
        exception.HelpLink = reader.ReadString();
        exception.Source = reader.ReadString();
        ReadData(ref reader, exception);
        Plan.Read(ref reader, exception);
        if (withCauses && exception is AggregateException aggregate)
            ExceptionParts.InnerExceptions(aggregate) = Converters<Exception[]>.Instance.Read(ref reader) ?? throw CallSerializationException.Malformed("the causes of an exception are missing");
    }

    private static void WriteData(ref GraphWriter writer, Exception exception)
    {
        if (ExceptionParts.Data(exception) is not { Count: > 0 } data)
        {
            writer.WriteVarint(0);
            return;
        }

        writer.WriteVarint((uint)data.Count);
        foreach (DictionaryEntry entry in data)
        {
            try
            {
                Converters<object?>.Instance.Write(ref writer, entry.Key);
                Converters<object?>.Instance.Write(ref writer, entry.Value);
            }
            catch (CallSerializationException e) when (e.Under($".Data[{entry.Key}]"))
            {
                throw;
            }
        }
    }

    private static void ReadData(ref GraphReader reader, Exception exception)
    {
        int count = reader.ReadCount(2);
        for (int i = 0; i < count; i++)
        {
            object key = Converters<object?>.Instance.Read(ref reader) ?? throw CallSerializationException.Malformed("a key of Data is missing");
            exception.Data[key] = Converters<object?>.Instance.Read(ref reader);
        }
    }

    private static FieldPlan.Slot[] SlotsOf(Type type)
    {
        var slots = new List<FieldPlan.Slot>();
        for (Type? level = type; level is not null && level != typeof(Exception); level = level.BaseType)
        {
            bool platform = AssemblyCatalog.IsPlatform(level.Assembly);
            foreach (FieldInfo field in Mirror.DeclaredFields(level))
            {
                bool staysBehind = (field.Attributes & (FieldAttributes)0x80) != 0
                    || (platform && (field.FieldType == typeof(CancellationToken) || field.FieldType.IsAssignableTo(typeof(Task))))
                    || level == typeof(AggregateException);
                if (!staysBehind)
                    slots.Add(new FieldPlan.Slot(field, Converters.For(field.FieldType), "." + field.Name));
            }
        }

        return [.. slots];
    }
}

/// <summary>Fields of Exception that its constructors would set.</summary>
internal static class ExceptionParts
{
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
    public static extern ref string? Message(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")]
    public static extern ref Exception? InnerException(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_data")]
    public static extern ref IDictionary? Data(Exception exception);

    /// <summary>Not the property, which looks for the source in the stack.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_source")]
    public static extern ref string? Source(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerExceptions")]
    public static extern ref Exception[] InnerExceptions(AggregateException exception);
}
