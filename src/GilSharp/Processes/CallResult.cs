using System.Diagnostics;

namespace GilSharp;

/// <summary>What has come of one item of a map: a value or an exception.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <param name="Index">The item's place in the input, from 0.</param>
/// <param name="Value">What the function returned; the type's default if there is an exception.</param>
/// <param name="Exception">Why there is no value; null if there is one.</param>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public readonly record struct CallResult<T>(int Index, T Value, Exception? Exception)
{
    /// <summary>True if there is a value.</summary>
    public bool Succeeded => Exception is null;

    private string DebuggerDisplay => Exception is null ? $"{Index}: {Value}" : $"{Index} failed: {Exception.GetType().Name}: {Exception.Message}";
}
