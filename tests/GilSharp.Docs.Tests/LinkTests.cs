using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace GilSharp.Docs.Tests;

/// <summary>A reader who follows a link arrives.</summary>
[TestClass]
public sealed class LinkTests
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).Build();

    public static IEnumerable<object[]> Pages => Repository.Pages().Select(page => new object[] { Repository.Relative(page) });

    [TestMethod]
    [DynamicData(nameof(Pages))]
    public void Links_LeadToFilesAndHeadingsThatExist(string page)
    {
        string path = Path.Combine(Repository.Root, page);

        string[] broken = [.. Parse(path).Descendants<LinkInline>().Select(link => link.Url ?? "").Where(url => !IsElsewhere(url) && !Exists(path, url))];

        Assert.IsEmpty(broken, $"{page}: {string.Join(", ", broken)}");
    }

    private static bool Exists(string page, string url)
    {
        string[] parts = url.Split('#', 2);
        string target = parts[0].Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, Uri.UnescapeDataString(parts[0])));
        if (parts.Length == 1)
            return File.Exists(target) || Directory.Exists(target);
        return File.Exists(target) && Parse(target).Descendants<HeadingBlock>().Any(heading => heading.GetAttributes().Id == parts[1]);
    }

    private static bool IsElsewhere(string url) =>
        url.StartsWith("https://", StringComparison.Ordinal) || url.StartsWith("mailto:", StringComparison.Ordinal);

    private static MarkdownDocument Parse(string path) => Markdown.Parse(File.ReadAllText(path), Pipeline);
}
