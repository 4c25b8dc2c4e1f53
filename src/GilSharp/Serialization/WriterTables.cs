using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GilSharp.Serialization;

/// <summary>What a writer remembers of one payload: objects met, types named, contents put off. Reused by its thread.</summary>
internal sealed class WriterTables
{
    private const int SearchedInLine = 8;
    private const int KeptAtMost = 4096;

    [ThreadStatic]
    private static WriterTables? t_spare;

    private readonly List<(Type Type, ObjectBody Body, uint Wire)> _types = [];
    private readonly Queue<(int Number, object Value, ObjectBody Body)> _later = new();
    private Dictionary<(object Value, object Role), int>? _roles;
    private Dictionary<FunctionPlan, uint>? _functions;
    private Dictionary<Type, int>? _typeIndex;
    private Dictionary<object, int>? _index;
    private object?[] _objects = new object?[16];
    private Stage[] _stages = new Stage[16];
    private int _count;
    private uint _typesOnWire;

    public static WriterTables Rent()
    {
        WriterTables tables = t_spare ?? new WriterTables();
        t_spare = null;
        return tables;
    }

    public void Return()
    {
        if (_count > KeptAtMost || _types.Count > KeptAtMost)
            return;

        Array.Clear(_objects, 0, _count);
        Array.Clear(_stages, 0, _count);
        _count = 0;
        _typesOnWire = 0;
        _types.Clear();
        _later.Clear();
        _index?.Clear();
        _typeIndex?.Clear();
        _roles?.Clear();
        _functions?.Clear();
        t_spare = this;
    }

    public bool TryFind(object value, out int number)
    {
        if (_count > SearchedInLine)
            return IndexOf().TryGetValue(value, out number);

        for (int i = 0; i < _count; i++)
        {
            if (ReferenceEquals(_objects[i], value))
            {
                number = i;
                return true;
            }
        }

        number = -1;
        return false;
    }

    /// <summary>The number of an object; false if it is new and has just got one.</summary>
    public bool FindOrAdd(object value, out int number)
    {
        if (_count <= SearchedInLine)
        {
            if (TryFind(value, out number))
                return true;

            number = Add(value);
            return false;
        }

        ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(IndexOf(), value, out bool known);
        if (!known)
            place = Take(value);

        number = place;
        return known;
    }

    public int Add(object value)
    {
        int number = Take(value);
        if (number > SearchedInLine)
            IndexOf()[value] = number;

        return number;
    }

    /// <summary>
    /// A closure is a different object for each function that uses it, since each sends only the variables that it uses; a reporter is one for each type
    /// of report, and never the object itself.
    /// </summary>
    public bool TryFindAs(object role, object value, out int number)
    {
        if (_roles is not null)
            return _roles.TryGetValue((value, role), out number);

        number = -1;
        return false;
    }

    public int AddAs(object role, object value)
    {
        // The slot holds a marker of its own, so that a plain search never finds the value.
        int number = Take(new object());
        (_roles ??= new(new SameBoth())).Add((value, role), number);
        return number;
    }

    public Stage StageOf(int number) => _stages[number];

    /// <param name="number">The object whose contents are written.</param>
    /// <param name="whole">Whether nothing was met in it that is not complete yet.</param>
    public void Finish(int number, bool whole) => _stages[number] = whole ? Stage.Whole : Stage.Finished;

    public void PutOff(int number, object value, ObjectBody body) => _later.Enqueue((number, value, body));

    public bool TryTakeLater(out (int Number, object Value, ObjectBody Body) later) => _later.TryDequeue(out later);

    /// <summary>The body for a run-time type, and the number of that type in this payload; zero if it was not named yet: whoever names it says <see cref="Named"/>.</summary>
    public ObjectBody BodyFor(Type type, out uint wire)
    {
        int at = TypeAt(type);
        if (at >= 0)
        {
            wire = _types[at].Wire;
            return _types[at].Body;
        }

        ObjectBody body = Bodies.For(type);
        wire = KnownTypes.NumberOf(body.Type);
        _types.Add((type, body, wire));
        if (_types.Count > SearchedInLine)
        {
            _typeIndex ??= [];
            for (int i = _typeIndex.Count; i < _types.Count; i++)
                _typeIndex.Add(_types[i].Type, i);
        }

        return body;
    }

    /// <summary>The type is named at this place: from here on its number stands for it. An object that is only referred to names nothing.</summary>
    public void Named(Type type)
    {
        int at = TypeAt(type);
        _types[at] = _types[at] with { Wire = KnownTypes.Count + ++_typesOnWire };
    }

    /// <summary>The number of a function in this payload; zero if it was not named yet.</summary>
    public uint FunctionNumber(FunctionPlan plan)
    {
        _functions ??= [];
        if (_functions.TryGetValue(plan, out uint number))
            return number;

        _functions.Add(plan, (uint)_functions.Count + 1);
        return 0;
    }

    private int TypeAt(Type type)
    {
        if (_typeIndex is { Count: > 0 })
            return _typeIndex.TryGetValue(type, out int index) ? index : -1;

        for (int i = 0; i < _types.Count; i++)
        {
            if (ReferenceEquals(_types[i].Type, type))
                return i;
        }

        return -1;
    }

    private int Take(object value)
    {
        if (_count == _objects.Length)
        {
            Array.Resize(ref _objects, _count * 2);
            Array.Resize(ref _stages, _count * 2);
        }

        _objects[_count] = value;
        return _count++;
    }

    private Dictionary<object, int> IndexOf()
    {
        _index ??= new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        if (_index.Count == 0)
        {
            for (int i = 0; i < _count; i++)
                _index.Add(_objects[i]!, i);
        }

        return _index;
    }

    private sealed class SameBoth : IEqualityComparer<(object Value, object Role)>
    {
        public bool Equals((object Value, object Role) x, (object Value, object Role) y) => ReferenceEquals(x.Value, y.Value) && ReferenceEquals(x.Role, y.Role);

        public int GetHashCode((object Value, object Role) both) => HashCode.Combine(RuntimeHelpers.GetHashCode(both.Value), RuntimeHelpers.GetHashCode(both.Role));
    }
}
