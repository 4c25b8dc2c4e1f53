using System.Text;

namespace GilSharp;

/// <summary>An argument, a captured variable, a function or a result can't travel between the processes.</summary>
/// <remarks><see cref="Path"/> names the culprit, as in <c>captured variable 'order'.Lines[3].Stream</c>.</remarks>
public sealed class CallSerializationException : ProcessPoolException
{
    private readonly string? _reason;
    private readonly string? _typeName;
    private string? _root;
    private string? _path;

    /// <summary>Creates an exception without a message of its own.</summary>
    public CallSerializationException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What can't travel and why.</param>
    public CallSerializationException(string? message)
        : base(message)
    {
        _reason = message;
    }

    /// <summary>Creates an exception with a message and its cause.</summary>
    /// <param name="message">What can't travel and why.</param>
    /// <param name="innerException">The cause.</param>
    public CallSerializationException(string? message, Exception? innerException)
        : base(message, innerException)
    {
        _reason = message;
    }

    private CallSerializationException(string typeName, string reason)
        : base(reason)
    {
        _typeName = typeName;
        _reason = reason;
    }

    /// <summary>The way to what can't travel, from the argument, result or captured variable down; null if there is none.</summary>
    public string? Path => _root is null && _path is null ? null : (_root ?? "value") + _path;

    /// <inheritdoc/>
    public override string Message
    {
        get
        {
            if (_reason is null)
                return base.Message;

            if (_typeName is null)
                return Path is null ? _reason : $"{Path}: {_reason}";

            return new StringBuilder(Path ?? "value").Append(" of type ").Append(_typeName).Append(" can't travel to another process: ").Append(_reason).ToString();
        }
    }

    /// <summary>A value that is refused for its type.</summary>
    internal static CallSerializationException Refused(Type type, string reason) => new(Serialization.TypeDisplay.NameOf(type), reason);

    /// <summary>Bytes that no writer of this version produces.</summary>
    internal static CallSerializationException Malformed(string what) => new($"The bytes of a value can't be read: {what}.");

    /// <summary>Puts one step in front of the path, on the way out. Always false, so that it can stand in an exception filter.</summary>
    internal bool Under(string step)
    {
        if (_root is null)
            _path = step + _path;

        return false;
    }

    /// <summary>Names the beginning of the path, once: "argument 2", "captured variable 'stream'", "the result". Always false.</summary>
    internal bool From(string root)
    {
        _root ??= root;
        return false;
    }
}
