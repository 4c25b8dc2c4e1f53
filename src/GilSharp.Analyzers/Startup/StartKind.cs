namespace GilSharp.Analyzers.Startup;

/// <summary>What a compilation has to do with NativeAOT.</summary>
internal enum StartKind
{
    /// <summary>Nothing; or it does not use the pool.</summary>
    Other,

    /// <summary>Its executable starts workers, and is a worker when they do.</summary>
    NativeProgram,

    /// <summary>Its functions may be given to the pool of a native program.</summary>
    LibraryForNativePrograms,
}
