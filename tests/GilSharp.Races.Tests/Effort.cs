using System.Globalization;
using GilSharp.Races.Exploring;

namespace GilSharp.Races;

/// <summary>How deep the exploration goes: 1 by default, minutes; <c>GILSHARP_TEST_EFFORT=100</c> is a night.</summary>
internal static class Effort
{
    internal static int Factor { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("GILSHARP_TEST_EFFORT"), NumberStyles.None, CultureInfo.InvariantCulture, out int factor) && factor > 0 ? factor : 1;

    /// <summary>From 10 on one more preemption and one more stale read, from 100 on two, and so on.</summary>
    internal static Bounds Deepen(Bounds bounds)
    {
        int more = (int)Math.Log10(Factor);
        return new Bounds(bounds.Preemptions + more, bounds.StaleReads + more);
    }
}
