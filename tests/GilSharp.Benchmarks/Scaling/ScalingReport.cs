using GilSharp.Benchmarks.Suite;

namespace GilSharp.Benchmarks.Scaling;

internal static class ScalingReport
{
    internal static void Run(SuiteOptions options) => throw new NotSupportedException();
}
