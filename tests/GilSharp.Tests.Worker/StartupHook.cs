using System.Diagnostics.CodeAnalysis;

/// <summary>A startup hook of the user's own, for workers of the tests to run.</summary>
[SuppressMessage("Design", "CA1050:Declare types in namespaces", Justification = "The runtime looks it up by this name.")]
internal static class StartupHook
{
    internal static void Initialize() => Environment.SetEnvironmentVariable("GILSHARP_TEST_HOOK", "ran");
}
