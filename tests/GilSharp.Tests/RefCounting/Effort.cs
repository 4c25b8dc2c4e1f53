using System.Globalization;

namespace GilSharp.Tests.RefCounting;

/// <summary>How hard the races are tried: GILSHARP_TEST_EFFORT multiplies every number of rounds, so that one test is a second or a night.</summary>
internal static class Effort
{
    internal static int Times(int rounds) => checked(rounds * Factor);

    private static int Factor { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("GILSHARP_TEST_EFFORT"), NumberStyles.None, CultureInfo.InvariantCulture, out int factor)
            ? Math.Max(1, factor)
            : 1;
}
