using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>References, types and contents that come later.</summary>
internal ref partial struct GraphReader
{
    /// <summary>Bytes that contents still to come need at least; they can't be promised twice.</summary>
    public readonly long Reserved => _reserved;

    /// <summary>See <see cref="GraphWriter.Unfinished"/>.</summary>
    public readonly int Unfinished => _unfinished;

    /// <summary>How captured variables are read: null for this codec itself.</summary>
    public readonly IPayloadSerializer? CapturedBy => _capturedBy;

    public ReaderTables Tables => _tables ??= ReaderTables.Rent();

    /// <summary>Reads what was put off and checks that nothing is left over.</summary>
    public void Complete()
    {
        if (_tables is { } tables)
        {
            while (tables.TryTakeLater(out (int Number, object Shell, ObjectBody Body, long Reserved) later))
            {
                _reserved -= later.Reserved;
                later.Body.Fill(ref this, later.Shell);
                tables.Finish(later.Number, whole: false);
            }

            tables.RunTheEnd();
        }

        EnsureAtEnd();
    }

    /// <summary>The value could not be read: what was made on the way ends.</summary>
    public readonly void Abandon() => _tables?.EndMade();

    public void Release()
    {
        _tables?.Return();
        _tables = null;
    }

    /// <param name="declared">The type that the writer was told too; what arrives can be assigned to it.</param>
    /// <param name="declaredBody">The body for exactly that type, if it was looked up already.</param>
    public object? ReadReference(Type declared, ref ObjectBody? declaredBody)
    {
        uint token = ReadVarint();
        if (token == ReferenceToken.Null)
            return null;

        ReaderTables tables = Tables;
        if (token >= ReferenceToken.FirstBack)
            return ReadBack(tables, token, declared);

        ObjectBody body;
        if (token is ReferenceToken.Declared or ReferenceToken.DeclaredLater)
        {
            body = declaredBody ??= Bodies.For(declared);
        }
        else
        {
            body = ReadType(tables);
            if (!declared.IsAssignableFrom(body.Type))
                throw CallSerializationException.Malformed($"{body.Type} stands where {declared} is expected");
        }

        int unfinished = _unfinished;
        bool later = token is ReferenceToken.DeclaredLater or ReferenceToken.TypedLater;
        int number = body.IsTracked ? tables.Reserve() : -1;
        Enter();
        object value;
        if (body.HasShell)
        {
            value = body.CreateShell(ref this, out long minimumBodySize);
            EnsureRoomFor(minimumBodySize, 1);
            tables.Set(number, value);
            if (later)
            {
                _reserved += minimumBodySize;
                tables.PutOff(number, value, body, minimumBodySize);
                _unfinished++;
            }
            else
            {
                body.Fill(ref this, value);
                tables.Finish(number, _unfinished == unfinished);
            }
        }
        else if (later)
        {
            throw CallSerializationException.Malformed($"the contents of {body.Type} can't come later");
        }
        else
        {
            value = body.Read(ref this);
            if (number >= 0)
            {
                tables.Set(number, value);
                tables.Finish(number, _unfinished == unfinished);
            }
        }

        _depth--;
        return value;
    }

    public object ReadBack(ReaderTables tables, uint token, Type declared)
    {
        object value = tables.Get(token - ReferenceToken.FirstBack, out Stage stage);
        if (!declared.IsInstanceOfType(value))
            throw CallSerializationException.Malformed($"{value.GetType()} stands where {declared} is expected");

        if (stage != Stage.Whole)
            _unfinished++;

        return value;
    }

    public void Enter()
    {
        if (++_depth > ReferenceToken.DepthLimit || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw CallSerializationException.Malformed($"objects are nested {_depth} deep");
    }

    public void Leave() => _depth--;

    private ObjectBody ReadType(ReaderTables tables)
    {
        uint number = ReadVarint();
        if (number == 0)
        {
            Type type = TypeIdentity.Resolve(ReadBlob());
            ObjectBody body = Bodies.For(type);
            tables.AddType(body);
            return body;
        }

        return number <= KnownTypes.Count ? Bodies.For(KnownTypes.Numbered(number)) : tables.TypeNumber(number - KnownTypes.Count - 1);
    }
}
