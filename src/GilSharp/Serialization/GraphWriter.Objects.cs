using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>References, types and contents that come later.</summary>
internal ref partial struct GraphWriter
{
    /// <summary>How often contents were put off, or an object was referred to that is not whole: what was written between two equal readings is complete in itself.</summary>
    public readonly int Unfinished => _unfinished;

    /// <summary>How captured variables are written: null for this codec itself.</summary>
    public readonly IPayloadSerializer? CapturedBy => _capturedBy;

    public WriterTables Tables => _tables ??= WriterTables.Rent();

    /// <summary>Writes what was put off and hands everything to the buffer writer.</summary>
    public void Complete()
    {
        if (_tables is { } tables)
        {
            while (tables.TryTakeLater(out (int Number, object Value, ObjectBody Body) later))
            {
                later.Body.Write(ref this, later.Value);
                tables.Finish(later.Number, whole: false); // what it refers to may come later still
            }
        }

        Flush();
    }

    /// <summary>Gives the tables back; after an error too.</summary>
    public void Release()
    {
        _tables?.Return();
        _tables = null;
    }

    /// <param name="value">The object.</param>
    /// <param name="declared">The type that the reader knows to expect.</param>
    /// <param name="declaredBody">The body for exactly that type, if it was looked up already.</param>
    public void WriteReference(object? value, Type declared, ref ObjectBody? declaredBody)
    {
        if (value is null)
        {
            WriteByte((byte)ReferenceToken.Null);
            return;
        }

        WriterTables tables = Tables;
        int number = -1;
        Type type = value.GetType();
        uint wire = 0;
        bool exact = ReferenceEquals(type, declared);
        ObjectBody body = exact ? declaredBody ??= Bodies.For(type) : tables.BodyFor(type, out wire);
        if (body.IsTracked)
        {
            if (tables.FindOrAdd(value, out number))
            {
                WriteBack(tables, number, body);
                return;
            }
        }

        int unfinished = _unfinished;
        bool hasStack = RuntimeHelpers.TryEnsureSufficientExecutionStack();
        bool later = body.HasShell && (_depth >= ReferenceToken.DepthBeforeLater || !hasStack);
        WriteByte((byte)(exact ? (later ? ReferenceToken.DeclaredLater : ReferenceToken.Declared) : (later ? ReferenceToken.TypedLater : ReferenceToken.Typed)));
        if (!exact)
        {
            WriteTypeNumber(wire, body.Type);
            if (wire == 0)
                tables.Named(type);
        }

        Enter(type, hasStack || later);
        if (body.HasShell)
            body.WriteHead(ref this, value);

        if (later)
        {
            tables.PutOff(number, value, body);
            _unfinished++;
        }
        else
        {
            body.Write(ref this, value);
            if (number >= 0)
                tables.Finish(number, _unfinished == unfinished);
        }

        _depth--;
    }

    public void WriteBack(WriterTables tables, int number, ObjectBody body)
    {
        if (!body.HasShell && tables.StageOf(number) == Stage.Begun)
            throw CallSerializationException.Refused(body.Type, "it contains itself, and such an object can't be made before its contents are.");

        WriteBack(tables, number);
    }

    public void WriteBack(WriterTables tables, int number)
    {
        if (tables.StageOf(number) != Stage.Whole)
            _unfinished++;

        WriteVarint(ReferenceToken.FirstBack + (uint)number);
    }

    public void Enter(Type type) => Enter(type, RuntimeHelpers.TryEnsureSufficientExecutionStack());

    // The stack is the caller's: its end would be that of the program.
    private void Enter(Type type, bool hasStack)
    {
        if (++_depth > ReferenceToken.DepthLimit || !hasStack)
            throw CallSerializationException.Refused(type, $"objects that can't be made before their contents are nested {(hasStack ? $"more than {ReferenceToken.DepthLimit}" : "too")} deep here{(hasStack ? "" : " for what is left of this thread's stack")}.");
    }

    public void Leave() => _depth--;

    /// <summary>A type: its number in this payload, or zero and its identity the first time.</summary>
    private void WriteTypeNumber(uint wire, Type type)
    {
        WriteVarint(wire);
        if (wire == 0)
            WriteBlob(TypeIdentity.Of(type));
    }
}
