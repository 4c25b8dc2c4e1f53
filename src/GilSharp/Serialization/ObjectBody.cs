namespace GilSharp.Serialization;

/// <summary>Writes and reads the contents of objects of one exact run-time type.</summary>
/// <remarks>
/// A body with a shell can make the object before its contents are known (<see cref="CreateShell"/>, from what <see cref="WriteHead"/> wrote), so that the
/// contents may refer back to it, and may come later where a graph is deep. A body without one (immutable collections, delegates) makes the
/// object from its contents; a cycle through it is refused.
/// </remarks>
internal abstract class ObjectBody
{
    /// <summary>The type that is named on the wire.</summary>
    public Type Type { get; private set; } = null!;

    /// <summary>Said once, right after the making.</summary>
    public ObjectBody For(Type type)
    {
        Type = type;
        return this;
    }

    /// <summary>Objects are tracked, so that two references to one stay two references to one. Strings and boxed values are values.</summary>
    public virtual bool IsTracked => true;

    public virtual bool HasShell => false;

    public virtual void WriteHead(ref GraphWriter writer, object value)
    {
    }

    /// <param name="reader">Where the head is.</param>
    /// <param name="minimumBodySize">How many bytes the contents take at least.</param>
    public virtual object CreateShell(ref GraphReader reader, out long minimumBodySize) => throw new InvalidOperationException($"{Type} has no shell.");

    public abstract void Write(ref GraphWriter writer, object value);

    public virtual void Fill(ref GraphReader reader, object shell) => throw new InvalidOperationException($"{Type} has no shell.");

    public virtual object Read(ref GraphReader reader) => throw new InvalidOperationException($"{Type} is made from a shell.");
}
