namespace GilSharp.Benchmarks.Report;

/// <summary>A page that is written by hand except between marks, where a run puts what it measured.</summary>
/// <remarks><c>&lt;!-- measured: name --&gt; … &lt;!-- end: name --&gt;</c></remarks>
internal static class MarkedPage
{
    /// <exception cref="InvalidOperationException">The page has no such marks.</exception>
    internal static string Replace(string page, string name, string content)
    {
        string begin = $"<!-- measured: {name} -->", end = $"<!-- end: {name} -->";
        int from = page.IndexOf(begin, StringComparison.Ordinal), to = page.IndexOf(end, StringComparison.Ordinal);
        if (from < 0 || to < from) throw new InvalidOperationException($"The page has no '{begin}' that is followed by '{end}'.");
        return $"{page[..(from + begin.Length)]}\n\n{content.Trim()}\n\n{page[to..]}";
    }

    /// <summary>Puts the parts into a page; a page that is not there is made of them alone.</summary>
    internal static void Update(string file, params (string Name, string Content)[] parts)
    {
        string page = File.Exists(file)
            ? File.ReadAllText(file)
            : string.Join("\n\n", parts.Select(part => $"<!-- measured: {part.Name} -->\n<!-- end: {part.Name} -->")) + "\n";
        foreach ((string name, string content) in parts) page = Replace(page, name, content);
        File.WriteAllText(file, page);
    }
}
