using Markdig;
using Markdig.Syntax;

namespace GilSharp.Docs.Tests;

/// <summary>A block of a page that is fenced as csharp.</summary>
/// <param name="Page">Where it stands, relative to the root.</param>
/// <param name="Line">The line of its first line of code, from 1.</param>
/// <param name="Code">The code.</param>
/// <param name="Runs">False where the fence says compile-only.</param>
internal sealed record Snippet(string Page, int Line, string Code, bool Runs)
{
    private const string CompileOnly = "compile-only";

    /// <summary>Every snippet of README and docs, in order.</summary>
    public static IReadOnlyList<Snippet> All { get; } = [.. Repository.Pages().SelectMany(OfPage)];

    /// <summary>Tells whether a compiler message, page(line,column): …, is about this snippet.</summary>
    public bool IsPlaceOf(string message)
    {
        string[] parts = message.Split('(', ',');
        return parts[0] == Page && int.TryParse(parts[1], out int line) && line >= Line && line < Line + Code.Split('\n').Length;
    }

    private static IEnumerable<Snippet> OfPage(string path)
    {
        MarkdownDocument page = Markdown.Parse(File.ReadAllText(path));
        foreach (FencedCodeBlock block in page.Descendants<FencedCodeBlock>())
        {
            if (block.Info != "csharp")
                continue;
            string? remark = string.IsNullOrWhiteSpace(block.Arguments) ? null : block.Arguments.Trim();
            if (remark is not (null or CompileOnly))
                throw new FormatException($"{Repository.Relative(path)}:{block.Line + 1}: a csharp fence may say {CompileOnly}, not '{remark}'");
            yield return new Snippet(Repository.Relative(path), block.Line + 2, block.Lines.ToString(), Runs: remark is null);
        }
    }
}
