using System.Text;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GilSharp.Docs.Tests;

/// <summary>
/// One real program made of all snippets: workers must find its assemblies on disk, so an assembly in memory would not do.
/// It is built as a user's own would be, against GilSharp.dll, and runs the snippet whose number it is given.
/// </summary>
internal sealed class SnippetProgram : IDisposable
{
    private static readonly string[] Scope =
        ["System", "System.Collections.Generic", "System.Linq", "System.Threading", "System.Threading.Tasks", "GilSharp"];

    private static readonly string[] Libraries =
    [
        "GilSharp.dll",
        "Microsoft.Extensions.DependencyInjection.Abstractions.dll",
        "Microsoft.Extensions.Logging.Abstractions.dll",
        "Microsoft.Extensions.ObjectPool.dll",
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gilsharp-snippets-");

    public SnippetProgram(IReadOnlyList<Snippet> snippets)
    {
        Write("Snippets.csproj", ProjectFile());
        // Nothing above the folder may have a say in this build.
        Write("Directory.Build.props", "<Project />");
        Write("Directory.Build.targets", "<Project />");
        Write("Directory.Packages.props", "<Project />");
        Write("Main.cs", MainFile(snippets));
        for (int number = 0; number < snippets.Count; number++)
            Write($"Snippet{number}.cs", SourceFile(number, snippets[number]));
        ChildResult build = ChildProgram.Dotnet(["build", "--nologo", "-v", "quiet", "-clp:NoSummary", "-o", Output], _folder.FullName);
        Errors = [.. build.Output.Split('\n').Where(line => line.Contains(": error ", StringComparison.Ordinal)).Select(Position).Distinct()];
        if (build.ExitCode != 0 && Errors.Count == 0)
            throw new InvalidOperationException($"The snippets could not be built: {build}");
    }

    /// <summary>What the compiler complained of, as page(line,column): error …</summary>
    public IReadOnlyList<string> Errors { get; }

    private string Output => Path.Combine(_folder.FullName, "out");

    public ChildResult Run(int number) =>
        ChildProgram.Dotnet([Path.Combine(Output, "Snippets.dll"), number.ToString(null, null)], _folder.FullName);

    public void Dispose() => _folder.Delete(recursive: true);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder.FullName, name), text);

    private static string Position(string line) => line.Split(" [")[0].Replace(Repository.Root + "/", "", StringComparison.Ordinal).Trim();

    private static string ProjectFile()
    {
        IEnumerable<string> references = Libraries.Select(library => Path.Combine(AppContext.BaseDirectory, library)).Where(File.Exists);
        string analyzer = Path.Combine(
            Repository.Root, "src", "GilSharp.Analyzers", "bin", Repository.Configuration, "netstandard2.0", "GilSharp.Analyzers.dll");
        return $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <!-- A snippet need not await, nor use all that it shows. -->
                <NoWarn>CS1998;CS8321;CS0219;CS0168;CS8019</NoWarn>
              </PropertyGroup>
              <ItemGroup>
            {string.Concat(references.Select(path => $"    <Reference Include=\"{path}\" />\n"))}    <Analyzer Include="{analyzer}" />
              </ItemGroup>
            </Project>
            """;
    }

    private static string MainFile(IReadOnlyList<Snippet> snippets)
    {
        StringBuilder source = new("return int.Parse(args[0]) switch\n{\n");
        for (int number = 0; number < snippets.Count; number++)
            source.Append(null, $"    {number} => await Snippet{number}.Snippet.Run(),\n");
        return source.Append("    _ => 2,\n};\n").ToString();
    }

    // Types of a snippet become types of its namespace, statements the body of a method; usings go to the top, as in any file.
    private static string SourceFile(int number, Snippet snippet)
    {
        CompilationUnitSyntax unit = SyntaxFactory.ParseCompilationUnit(snippet.Code);
        IEnumerable<MemberDeclarationSyntax> statements = unit.Members.Where(member => member is GlobalStatementSyntax);
        IEnumerable<MemberDeclarationSyntax> types = unit.Members.Where(member => member is not GlobalStatementSyntax);

        string scope = string.Concat(Scope.Select(name => $"using {name};\n"));
        string usings = string.Concat(unit.Usings.Where(directive => !Scope.Contains(directive.Name?.ToString())).Select(Placed));
        return $$"""
            {{scope}}{{usings}}
            namespace Snippet{{number}}
            {
            {{string.Concat(types.Select(Placed))}}
                internal static class Snippet
                {
                    internal static async Task<int> Run()
                    {
            {{string.Concat(statements.Select(Placed))}}
            #line default
                        return 0;
                    }
                }
            }
            """;

        string Placed(Microsoft.CodeAnalysis.SyntaxNode node)
        {
            int line = snippet.Line + node.SyntaxTree.GetLineSpan(node.FullSpan).StartLinePosition.Line;
            return $"\n#line {line} \"{Path.Combine(Repository.Root, snippet.Page)}\"\n{node.ToFullString()}";
        }
    }
}
