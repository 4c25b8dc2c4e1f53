namespace GilSharp.Controlled;

/// <summary>The faults that <c>faults.sed</c> plants in the library's sources, one of them chosen for a whole run.</summary>
internal enum FaultKind
{
    None,

    /// <summary>The last release closes the word by a plain write, over a reference that was taken meanwhile.</summary>
    WordClosedByPlainWrite,

    /// <summary>A handle's disposal looks and writes in two steps.</summary>
    HandleEndedInTwoSteps,

    /// <summary>In lock-guarded mode references are counted without the lock.</summary>
    CountedWithoutTheLock,

    /// <summary>Who queues does not show it in the word.</summary>
    QueueNotShown,

    /// <summary>Who goes to sleep does not look once more.</summary>
    NoLookBeforeSleep,

    /// <summary>A disposal does not wake those who wait.</summary>
    DisposalWakesNobody,
}

internal static class Fault
{
    internal static FaultKind Planted { get; set; }

    internal static bool Is(FaultKind fault) => Planted == fault;

    /// <summary>What a compare-and-swap would be without the comparison.</summary>
    internal static bool Overwrite<T>(ref T? location, T? value)
        where T : class
    {
        Volatile.Write(ref location, value);
        return true;
    }

    /// <inheritdoc cref="Overwrite{T}(ref T, T)"/>
    internal static bool Overwrite(ref long location, long value)
    {
        Volatile.Write(ref location, value);
        return true;
    }
}
