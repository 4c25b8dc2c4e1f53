namespace GilSharp.Serialization;

/// <summary>What stands where an object is referred to.</summary>
/// <remarks>
/// <code>
/// 0      null
/// 1      a new object of exactly the declared type; contents follow
/// 2      a new object of another type: type, contents
/// 3, 4   as 1 and 2, but only the head follows; the contents come after everything else, in the order of such tokens.
///        So a list of a million nodes needs no deep stack on either side.
/// 5 + n  the n-th object of this payload once more
/// </code>
/// </remarks>
internal static class ReferenceToken
{
    public const uint Null = 0;
    public const uint Declared = 1;
    public const uint Typed = 2;
    public const uint DeclaredLater = 3;
    public const uint TypedLater = 4;
    public const uint FirstBack = 5;

    /// <summary>From this depth on contents come later.</summary>
    public const int DepthBeforeLater = 64;

    /// <summary>The depth at which objects that can't be made before their contents (nested immutable collections, say) are refused.</summary>
    public const int DepthLimit = 256;
}

/// <summary>How far an object has got, on both sides alike.</summary>
internal enum Stage : byte
{
    /// <summary>Its contents are under way, or come later.</summary>
    Begun,

    /// <summary>Its contents are there, but something below is not complete: a cycle leads up from it, or contents come later.</summary>
    Finished,

    /// <summary>All of it is complete.</summary>
    Whole,
}
