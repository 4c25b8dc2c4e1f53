using System.Runtime.CompilerServices;

namespace GilSharp.Races.Seam;

/// <summary>What a planted fault does to its site.</summary>
internal enum Fault
{
    None,

    /// <summary>The operation keeps its value but orders nothing: an interlocked one loses its fence, a volatile one its half of it.</summary>
    Unordered,

    /// <summary>An interlocked operation falls apart into a read and a write.</summary>
    Split,

    /// <summary>The operation does not happen; a compare-and-swap claims that it did.</summary>
    Skipped,

    /// <summary>A compare-and-swap writes whatever it finds.</summary>
    Blind,

    /// <summary>A call does not happen, or answers a constant.</summary>
    NotCalled,
}

/// <summary>The switches of the planted faults: at most one is on, chosen at run time, in one and the same build.</summary>
internal static class Faults
{
    private static int[] s_sites = [];
    private static int s_first = -1;
    private static int s_last = -1;

    internal static Fault Kind { get; private set; }

    /// <summary>What a call that does not happen answers.</summary>
    internal static int Answer { get; private set; }

    internal static void Plant(Fault kind, int[] sites, int answer)
    {
        Kind = kind;
        Answer = answer;
        s_sites = sites;
        (s_first, s_last) = sites.Length == 0 ? (-1, -1) : (sites.Min(), sites.Max());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Fault At(int site)
    {
        if (site >= 0)
            Sites.Visited[site] = true;
        return site < s_first || site > s_last ? Fault.None : Array.IndexOf(s_sites, site) >= 0 ? Kind : Fault.None;
    }

    /// <summary>For the weaver: whether the call at that site does not happen.</summary>
    public static bool Skips(int site) => At(site) == Fault.NotCalled;

    /// <summary>For the weaver: what it answers.</summary>
    public static int AnswerAt(int site) => Answer;
}
