using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GilSharp.Benchmarks.Locking;
using GilSharp.Benchmarks.Measuring;
using GilSharp.Benchmarks.Scaling;

namespace GilSharp.Benchmarks.Report;

/// <summary>What one part of the suite measured, with the machine as it was then: a part can be measured again by itself.</summary>
internal sealed record Section
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        IgnoreReadOnlyProperties = true,
    };

    public required string Name { get; init; }

    public required Machine Machine { get; init; }

    public required IReadOnlyList<Row> Rows { get; init; }

    /// <summary>What took part, and what was not present.</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];

    /// <summary>Percentiles of a round trip in microseconds, by contestant.</summary>
    public IReadOnlyDictionary<string, double[]>? Latencies { get; init; }

    public IReadOnlyList<EchoFigure>? Echo { get; init; }

    public ScalingFigures? Scaling { get; init; }

    internal static string FileOf(string folder, string name) => Path.Combine(folder, "data", name + ".json");

    internal void Save(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "data"));
        File.WriteAllText(FileOf(folder, Name), JsonSerializer.Serialize(this, Json) + "\n");
    }

    /// <summary>Null if this part was never measured.</summary>
    internal static Section? Load(string folder, string name) =>
        File.Exists(FileOf(folder, name)) ? JsonSerializer.Deserialize<Section>(File.ReadAllText(FileOf(folder, name)), Json) : null;
}
