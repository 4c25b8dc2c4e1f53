using System.Text.RegularExpressions;

namespace GilSharp.Tests;

/// <summary>
/// A source file of the library, seen as the names that it declares and uses. The compiled library would not do: a public type is in the
/// namespace GilSharp whatever its folder, and only the source knows the folder.
/// </summary>
internal sealed partial class SourceFile
{
    public SourceFile(string path, string text)
    {
        Path = path;
        Folder = path.Split('/')[0];
        string code = Said().Replace(text, said => said.Groups["hole"].Success ? string.Concat(said.Groups["hole"].Captures) : " ");
        DeclaredTypes = [.. Declaration().Matches(code).Select(match => match.Groups["name"].Value)];
        UsedNames = Name().Matches(code).Select(match => match.Value).Except(DeclaredMember().Matches(code).Select(match => match.Groups["name"].Value)).ToHashSet();
    }

    /// <summary>The folder that holds GilSharp.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every file of src/GilSharp that is written by hand.</summary>
    public static IReadOnlyList<SourceFile> All { get; } = [.. Read()];

    /// <summary>Relative to src/GilSharp, with slashes.</summary>
    public string Path { get; }

    /// <summary>The first part of the path: an idea or a layer.</summary>
    public string Folder { get; }

    /// <summary>Types that are not nested in another: those at the beginning of a line.</summary>
    public IReadOnlyList<string> DeclaredTypes { get; }

    /// <summary>Every word of the code that is not a member of something.</summary>
    public IReadOnlySet<string> UsedNames { get; }

    private static IEnumerable<SourceFile> Read()
    {
        string library = System.IO.Path.Combine(Root, "src", "GilSharp");
        return from file in Directory.EnumerateFiles(library, "*.cs", SearchOption.AllDirectories)
               let path = System.IO.Path.GetRelativePath(library, file).Replace('\\', '/')
               where !path.StartsWith("bin/", StringComparison.Ordinal) && !path.StartsWith("obj/", StringComparison.Ordinal)
               select new SourceFile(path, File.ReadAllText(file));
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(folder, "GilSharp.sln")))
            folder = System.IO.Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException($"no GilSharp.sln above {AppContext.BaseDirectory}");
        return folder;
    }

    // Comments, texts and characters; of an interpolated text the code in its holes remains.
    [GeneratedRegex(""""
        //[^\n]* | /\*.*?\*/ | """.*?""" | \$@?"(?:[^"{\\]|\\.|\{\{|\{(?<hole>[^}"]*)\})*" | @"(?:[^"]|"")*" | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)+'
        """", RegexOptions.IgnorePatternWhitespace | RegexOptions.Singleline)]
    private static partial Regex Said();

    [GeneratedRegex(
        @"^(?:(?:public|internal|file|static|sealed|abstract|readonly|ref|unsafe|partial)\s+)*(?:class|struct|interface|enum|record(?:\s+struct|\s+class)?|delegate\s+[\w<>\[\]?.,]+)\s+(?<name>\w+)",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    // object Gate = …, int Length => …, Color Color { get; }, void Nothing(), Chunk = 8 of an enumeration, and parameters of a record: what has the name of a type need not be one.
    [GeneratedRegex(@"(?<name>[A-Z]\w*)\s*=(?![=>]) | (?<!\b(?:is|as|new|not|and|or|where|return))(?<=[\w>\]?])\s+(?<name>[A-Z]\w*)\s*(?:[;,()]|=>|\{\s*(?:get|set|init)\b)",
        RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex DeclaredMember();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*")]
    private static partial Regex Name();
}
