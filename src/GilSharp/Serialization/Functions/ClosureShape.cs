using System.Reflection;
using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>The closure classes that one function reaches, and of each the variables that it uses.</summary>
/// <remarks>
/// A compiler puts all captured variables of a scope into one class, so a closure holds more than a function uses: another lambda's stream, the pool
/// itself. Only what the function's code touches travels.
/// </remarks>
internal sealed class ClosureShape
{
    private readonly Type _root;
    private readonly Dictionary<Type, FieldInfo[]> _fields;
    private readonly Dictionary<Type, FieldPlan> _plans = [];
    private readonly Dictionary<Type, FieldPlan> _foreignPlans = [];

    public ClosureShape(Type root, Dictionary<Type, FieldInfo[]> fields)
    {
        _root = root;
        _fields = fields;
        foreach ((Type type, FieldInfo[] used) in fields)
        {
            _plans.Add(type, new FieldPlan(type, () => SlotsOf(used, foreign: false)));
            _foreignPlans.Add(type, new FieldPlan(type, () => SlotsOf(used, foreign: true)));
        }
    }

    public Type Root => _root;

    public IReadOnlyDictionary<Type, FieldInfo[]> Fields => _fields;

    /// <summary>Whether the compiler made this class to hold captured variables.</summary>
    public static bool IsClosure(Type type) =>
        !type.IsValueType
        && (type.Name.StartsWith("<>c", StringComparison.Ordinal) || type.Name.StartsWith("_Closure$__", StringComparison.Ordinal))
        && type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    /// <exception cref="CallSerializationException">The function assigns a captured variable.</exception>
    public static ClosureShape For(MethodInfo method, Type root) => new(root, CapturedVariables.Of(method, root));

    public void Write(ref GraphWriter writer, object? closure) => WriteClosure(ref writer, closure, _root);

    public object? Read(ref GraphReader reader) => ReadClosure(ref reader, _root);

    internal void WriteClosure(ref GraphWriter writer, object? closure, Type type)
    {
        if (closure is null)
        {
            writer.WriteByte((byte)ReferenceToken.Null);
            return;
        }

        WriterTables tables = writer.Tables;
        if (tables.TryFindAs(this, closure, out int number))
        {
            writer.WriteBack(tables, number);
            return;
        }

        number = tables.AddAs(this, closure);
        writer.WriteByte((byte)ReferenceToken.Declared);
        int unfinished = writer.Unfinished;
        writer.Enter(type);
        FieldPlan plan = (writer.CapturedBy is null ? _plans : _foreignPlans)[type];
        if (plan.Emitted is ClassAccess access)
            access.Write(ref writer, closure);
        else
            plan.Write(ref writer, closure);

        writer.Leave();
        tables.Finish(number, writer.Unfinished == unfinished);
    }

    internal object? ReadClosure(ref GraphReader reader, Type type)
    {
        uint token = reader.ReadVarint();
        switch (token)
        {
            case ReferenceToken.Null:
                return null;
            case ReferenceToken.Declared:
                break;
            case >= ReferenceToken.FirstBack:
                return reader.ReadBack(reader.Tables, token, type);
            default:
                throw CallSerializationException.Malformed($"a closure stands behind token {token}");
        }

        ReaderTables tables = reader.Tables;
        int number = tables.Reserve();
        object closure = Mirror.Blank(type);
        tables.Set(number, closure);
        int unfinished = reader.Unfinished;
        reader.Enter();
        FieldPlan plan = (reader.CapturedBy is null ? _plans : _foreignPlans)[type];
        if (plan.Emitted is ClassAccess access)
            access.Read(ref reader, closure);
        else
            plan.Read(ref reader, closure);

        reader.Leave();
        tables.Finish(number, reader.Unfinished == unfinished);
        return closure;
    }

    private FieldPlan.Slot[] SlotsOf(FieldInfo[] used, bool foreign)
    {
        var slots = new FieldPlan.Slot[used.Length];
        for (int i = 0; i < used.Length; i++)
        {
            FieldInfo field = used[i];
            slots[i] = _fields.ContainsKey(field.FieldType)
                ? new(field, ((IClosureConverter)Mirror.Make(typeof(ClosureConverter<>), field.FieldType)).Of(this), "")
                : new(field, foreign ? ForeignValues.For(field.FieldType) : Converters.For(field.FieldType), CapturedVariables.NameOf(field));
        }

        return slots;
    }
}

internal interface IClosureConverter
{
    Converter Of(ClosureShape shape);
}

/// <summary>A closure's reference to the closure of the scope around it.</summary>
internal sealed class ClosureConverter<T> : Converter<T?>, IClosureConverter
    where T : class
{
    private ClosureShape? _shape;

    public Converter Of(ClosureShape shape)
    {
        _shape = shape;
        return this;
    }

    public override void Write(ref GraphWriter writer, T? value) => _shape!.WriteClosure(ref writer, value, typeof(T));

    public override T? Read(ref GraphReader reader) => (T?)_shape!.ReadClosure(ref reader, typeof(T));
}
