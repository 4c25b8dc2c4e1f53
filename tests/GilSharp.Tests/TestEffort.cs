using System.Globalization;

namespace GilSharp.Tests;

/// <summary>How hard the tests try: 1 by default; a night's soak is <c>GILSHARP_TEST_EFFORT=10000</c>.</summary>
internal static class TestEffort
{
    internal static int Factor { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("GILSHARP_TEST_EFFORT"), NumberStyles.None, CultureInfo.InvariantCulture, out int factor) && factor > 0 ? factor : 1;
}
