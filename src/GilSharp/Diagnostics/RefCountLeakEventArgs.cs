namespace GilSharp;

/// <summary>A reference that was collected by the garbage collector before it was disposed.</summary>
/// <param name="valueType">The type of the counted value.</param>
/// <param name="count">How many references to the value there were when the leak was found, the forgotten one included.</param>
/// <param name="creationStackTrace">Where the forgotten reference was taken.</param>
public sealed class RefCountLeakEventArgs(Type valueType, int count, string? creationStackTrace) : EventArgs
{
    /// <summary>The type of the counted value.</summary>
    public Type ValueType { get; } = valueType;

    /// <summary>How many references to the value there were when the leak was found, the forgotten one included.</summary>
    public int Count { get; } = count;

    /// <summary>Where the forgotten reference was taken; null if no stack could be had.</summary>
    public string? CreationStackTrace { get; } = creationStackTrace;
}
