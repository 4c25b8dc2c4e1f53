using System.Globalization;
using System.Text.RegularExpressions;

namespace GilSharp.Models.Tests;

/// <summary>What SPIN found out about one model.</summary>
internal sealed record Finding(int Errors, long States, string Violation, string Output);

/// <summary>Runs a model through SPIN: generates its checker, compiles it, and searches every state.</summary>
internal static partial class Spin
{
    internal static bool IsDeep { get; } = Environment.GetEnvironmentVariable("GILSHARP_MODELS_DEEP") == "1";

    internal static Finding Check(string model, string defines, bool liveness)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("gilsharp-models-");
        try
        {
            string source = Path.Combine(Repository.Root, "tests", "GilSharp.Models.Tests", "models", model);
            string[] words = defines.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Must(ChildProgram.Run("spin", ["-a", .. words.Select(static word => "-D" + word), source], folder.FullName));
            string[] kind = liveness ? ["-DNFAIR=6"] : ["-DSAFETY", "-DNOCLAIM"];
            Must(ChildProgram.Run("gcc", ["-O2", "-w", .. kind, "-o", "pan", "pan.c"], folder.FullName));
            string[] search = liveness ? ["-a", "-f"] : [];
            ChildResult result = ChildProgram.Run(Path.Combine(folder.FullName, "pan"), [.. search, "-m2000000", "-w22"], folder.FullName);
            return Read(result);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // A search that was cut short is no proof: then the search depth or the memory was too small.
    private static Finding Read(ChildResult result)
    {
        string text = result.Output + result.Error;
        Match errors = Errors().Match(text), states = States().Match(text);
        if (!errors.Success || !states.Success || text.Contains("max search depth too small") || text.Contains("out of memory"))
            throw new AssertFailedException($"The search did not come to its end: {result}");
        return new Finding(
            int.Parse(errors.Groups[1].Value, CultureInfo.InvariantCulture),
            long.Parse(states.Groups[1].Value, CultureInfo.InvariantCulture),
            Violation().Match(text) is { Success: true } match ? match.Groups[1].Value : "",
            text);
    }

    private static void Must(ChildResult result) => Assert.AreEqual(0, result.ExitCode, result.ToString());

    [GeneratedRegex(@"errors: (\d+)")]
    private static partial Regex Errors();

    [GeneratedRegex(@"(\d+) states, stored")]
    private static partial Regex States();

    [GeneratedRegex(@"pan:1: (.*)")]
    private static partial Regex Violation();
}
