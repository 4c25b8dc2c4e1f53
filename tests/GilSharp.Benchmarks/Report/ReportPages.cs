using System.Text;
using GilSharp.Benchmarks.Scaling;

namespace GilSharp.Benchmarks.Report;

/// <summary>Puts what was measured into the pages: the tables into README.md between its marks, the pictures beside it.</summary>
internal static class ReportPages
{
    private static readonly string[] Sections = ["lock", "echo", "counts", "pool", "scaling"];

    /// <param name="folder">Where the pages and the data lie.</param>
    /// <param name="draws">Whether pictures are drawn too; what their letters look like depends on the fonts of the machine.</param>
    internal static void Write(string folder, bool draws = true)
    {
        List<Section> sections = [.. Sections.Select(name => Section.Load(folder, name)).OfType<Section>()];
        StringBuilder table = new();
        foreach (Section section in sections)
        {
            table.Append(Table.Of(section.Rows));
            table.Append(section.Machine.Sentence()).Append(" Raw figures: [data/").Append(section.Name).Append(".json](data/").Append(section.Name).Append(".json).\n\n");
            if (section.Peers.Count > 0) table.Append("Present: ").AppendJoin("; ", section.Peers).Append("\n\n");
            if (draws && section.Latencies is { } latencies) Pictures.Latency(Path.Combine(folder, "latency.svg"), latencies);
            if (section.Scaling is not null) ScalingPage.Write(folder, section, draws);
            if (draws && section.Echo is { } echo) Pictures.Echo(Path.Combine(folder, "echo.svg"), echo);
        }

        MarkedPage.Update(Path.Combine(folder, "README.md"), ("tables", table.ToString()));
    }
}
