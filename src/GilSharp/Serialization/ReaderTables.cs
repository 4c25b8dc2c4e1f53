namespace GilSharp.Serialization;

/// <summary>What a reader remembers of one payload. Reused by its thread.</summary>
internal sealed class ReaderTables
{
    private const int KeptAtMost = 4096;

    [ThreadStatic]
    private static ReaderTables? t_spare;

    private readonly List<ObjectBody> _types = [];
    private readonly Queue<(int Number, object Shell, ObjectBody Body, long Reserved)> _later = new();
    private readonly List<Action> _last = [];
    private List<FunctionPlan>? _functions;
    private List<IDisposable>? _made;
    private HashSet<object>? _waiting;
    private object?[] _objects = new object?[16];
    private Stage[] _stages = new Stage[16];
    private int _count;

    /// <summary>A handle that nobody will have if the rest can't be read.</summary>
    public void Made(IDisposable handle) => (_made ??= []).Add(handle);

    public void EndMade()
    {
        if (_made is null)
            return;

        foreach (IDisposable handle in _made)
            handle.Dispose();
    }

    public static ReaderTables Rent()
    {
        ReaderTables tables = t_spare ?? new ReaderTables();
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
        _types.Clear();
        _later.Clear();
        _last.Clear();
        _functions?.Clear();
        _made?.Clear();
        _waiting?.Clear();
        t_spare = this;
    }

    public int Reserve()
    {
        if (_count == _objects.Length)
        {
            Array.Resize(ref _objects, _count * 2);
            Array.Resize(ref _stages, _count * 2);
        }

        return _count++;
    }

    public void Set(int number, object value) => _objects[number] = value;

    /// <inheritdoc cref="WriterTables.Finish"/>
    public void Finish(int number, bool whole) => _stages[number] = whole ? Stage.Whole : Stage.Finished;

    /// <summary>The comparer of this collection is not complete: nothing can be added before the end.</summary>
    public void MustWait(object collection) => (_waiting ??= new(ReferenceEqualityComparer.Instance)).Add(collection);

    public bool Waits(object collection) => _waiting?.Contains(collection) == true;

    public object Get(uint number, out Stage stage)
    {
        if (number >= (uint)_count || _objects[number] is not { } value)
            throw CallSerializationException.Malformed($"object {number} is referred to before it exists");

        stage = _stages[number];
        return value;
    }

    public void PutOff(int number, object shell, ObjectBody body, long reserved) => _later.Enqueue((number, shell, body, reserved));

    public bool TryTakeLater(out (int Number, object Shell, ObjectBody Body, long Reserved) later) => _later.TryDequeue(out later);

    /// <summary>Runs when every object is complete: for entries whose hash or order may depend on objects that are not complete yet.</summary>
    public void AtTheEnd(Action action) => _last.Add(action);

    public void RunTheEnd()
    {
        foreach (Action action in _last)
            action();
    }

    public void AddType(ObjectBody body) => _types.Add(body);

    public void AddFunction(FunctionPlan plan) => (_functions ??= []).Add(plan);

    public FunctionPlan Function(uint number) =>
        _functions is not null && number <= (uint)_functions.Count ? _functions[(int)number - 1] : throw CallSerializationException.Malformed($"function {number} is not named before its use");

    public ObjectBody TypeNumber(uint number) =>
        number < (uint)_types.Count ? _types[(int)number] : throw CallSerializationException.Malformed($"type {number} is not named before its use");
}
