using System.Globalization;
using GilSharp.Benchmarks.Measuring;
using GilSharp.Benchmarks.Report;

namespace GilSharp.Benchmarks.Processes;

/// <summary>The NativeAOT sample, published here and now: how soon the workers of such a program have answered, by its own clock.</summary>
internal static class NativeProgram
{
    private const int Rounds = 21;

    /// <summary>A row, or none where it can't be published: that needs a C compiler and the compiler's package.</summary>
    internal static IEnumerable<Row> Rows(Action<string> note)
    {
        string folder = Directory.CreateTempSubdirectory("gilsharp-native-").FullName;
        try
        {
            string sample = Path.Combine(Clone.Root, "docs", "samples", "NativeAot");
            string system = System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier;
            string program = Path.Combine(folder, OperatingSystem.IsWindows() ? "NativeAot.exe" : "NativeAot");
            if (Clone.Output("dotnet", ["publish", sample, "-c", "Release", "-r", system, "-o", folder]) is null)
            {
                note("NativeAOT: the sample could not be published, and is left out");
                yield break;
            }

            Spread ours = Spread.Of([.. Enumerable.Range(0, Rounds).Select(_ => Milliseconds(Clone.Output(program, []) ?? throw new InvalidOperationException($"{program} failed.")))]);
            yield return new Row
            {
                Id = "cold-pool-native", Topic = "ProcessPool", What = "cold pool of 2 in a NativeAOT program, until both workers have answered", Unit = "ms", Ours = ours,
                Target = new Target("≤ 15 ms", ours.Median, 15, AtLeast: false),
            };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // "…; two workers had answered after 10.2 ms"
    private static double Milliseconds(string said) => double.Parse(said.Trim().Split(' ')[^2].Replace(',', '.'), CultureInfo.InvariantCulture);
}
