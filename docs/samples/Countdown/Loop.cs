using System.Runtime.CompilerServices;

namespace GilSharp.Samples.Countdown;

/// <summary>The work. All three programs call this one method.</summary>
internal static class Loop
{
    private static ulong s_trace;

    /// <summary>Counts <paramref name="n"/> down to zero and returns the steps that it took.</summary>
    /// <remarks>
    /// <para>Compiled with full optimisation at its first call, here and in a fresh worker: otherwise each program would spend a part of
    /// its time in unoptimised code, each another part, and the comparison would be one of compiler tiers.</para>
    /// <para>A bare decrement takes one cycle or two, as the loop happens to lie in memory, which differs from process to process (140 to
    /// 250 ms for the same 500 million steps). The multiplication makes a step wait for the step before it, so it takes the same time
    /// wherever it lies; storing its result keeps the compiler from removing it.</para>
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static long Countdown(long n)
    {
        long steps = 0;
        ulong trace = (ulong)n;
        while (n > 0)
        {
            n -= 1;
            steps += 1;
            trace = trace * 6364136223846793005 + 1442695040888963407;
        }
        s_trace = trace;
        return steps;
    }
}
