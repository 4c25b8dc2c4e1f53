[assembly: DoNotParallelize]

namespace GilSharp.StartMatrix.Tests;

/// <summary>Packs once, before the first test.</summary>
[TestClass]
public static class AssemblySetup
{
    internal static Workshop Workshop { get; private set; } = null!;

    [AssemblyInitialize]
    public static void Open(TestContext context) => Workshop = new Workshop();

    [AssemblyCleanup]
    public static void Close() => Workshop?.Dispose();
}
