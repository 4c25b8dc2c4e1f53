using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GilSharp.Models.Tests;

/// <summary>A model says of each of its steps which code it mirrors; what is added on one side only is found here.</summary>
[TestClass]
public sealed partial class MirrorTests
{
    private static readonly string[] Models = ["deferred.pml", "gil.pml", "refcount.pml", "worker.pml"];

    public static IEnumerable<object[]> AllModels => Models.Select(static model => new object[] { model });

    [TestMethod]
    [DynamicData(nameof(AllModels))]
    public void Transitions_OfTheCode_AreThoseThatTheModelLists(string model)
    {
        string text = Text(model);
        SortedDictionary<string, string> expected = new(StringComparer.Ordinal);
        foreach (Match mirrors in Mirrors().Matches(text))
            foreach ((string member, string writes) in WritesBelow(mirrors.Groups[1].Value, [.. mirrors.Groups[2].Value.Split(", ")]))
                expected.Add(member, writes);
        string[] listed = [.. Row().Matches(text).Select(static row => $"{row.Groups[1].Value}: {row.Groups[2].Value}").Order(StringComparer.Ordinal)];
        string[] wanted = [.. expected.Select(static row => $"{row.Key}: {row.Value}").Order(StringComparer.Ordinal)];
        Assert.AreEqual(string.Join('\n', wanted), string.Join('\n', listed),
            $"{model}: a transition was added, changed or removed on one side only. Change the model, then its rows. The code has:\n{string.Join('\n', wanted)}");
    }

    [TestMethod]
    [DynamicData(nameof(AllModels))]
    public void Transitions_ThatTheModelLists_AreStepsOfItOrLeftOut(string model)
    {
        string text = Text(model);
        HashSet<string> steps = [.. Code().Matches(text).Select(static tag => tag.Groups[1].Value)];
        string[] neither = [.. Row().Matches(text).Where(row => !steps.Contains(row.Groups[1].Value) && row.Groups[3].Length == 0).Select(static row => row.Value)];
        Assert.IsEmpty(neither, $"{model}: these are neither a step of the model nor left out for a reason:\n{string.Join('\n', neither)}");
    }

    [TestMethod]
    [DynamicData(nameof(AllModels))]
    public void Steps_NameCodeThatExists(string model)
    {
        foreach (Match tag in Code().Matches(Text(model)))
        {
            string[] parts = tag.Groups[1].Value.Split('#');
            Assert.IsTrue(MembersOf(parts[0]).Any(member => NameOf(member) == parts[1]), $"{model} mirrors {tag.Groups[1].Value}, which does not exist.");
        }
    }

    [TestMethod]
    [DynamicData(nameof(AllModels))]
    public void Steps_SayWhatTheyMirror(string model)
    {
        string[] silent = [.. Step().Matches(Text(model)).Where(static step => !step.Groups[1].Value.Contains("code:") && !step.Groups[1].Value.Contains("model only:")).Select(static step => step.Groups[2].Value)];
        Assert.IsEmpty(silent, $"{model}: above these stands neither \"code:\" nor \"model only:\": {string.Join(", ", silent)}");
    }

    [TestMethod]
    [DynamicData(nameof(AllModels))]
    public void States_OfTheCode_AreThoseOfTheModel(string model)
    {
        string text = Text(model);
        foreach (string type in States().Matches(text).SelectMany(static match => match.Groups[1].Value.Split(", ")))
        {
            SortedSet<string> inCode = [.. StatesOf(type)];
            SortedSet<string> inModel = [.. Regex.Matches(text, $@"\b{type}[_.]([A-Z]\w+)").Select(static name => name.Groups[1].Value)];
            Assert.AreEqual(string.Join(", ", inCode), string.Join(", ", inModel), $"{model}: {type} has states on one side only.");
        }
    }

    private static string Text(string model) => File.ReadAllText(Path.Combine(Repository.Root, "tests", "GilSharp.Models.Tests", "models", model));

    private static string Library => Path.Combine(Repository.Root, "src", "GilSharp");

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Library, folder), "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    private static IEnumerable<SyntaxNode> MembersOf(string file) =>
        CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(Library, file))).GetRoot().DescendantNodes()
            .Where(static node => node is MethodDeclarationSyntax or ConstructorDeclarationSyntax or PropertyDeclarationSyntax);

    private static string NameOf(SyntaxNode member) => member switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        _ => ".ctor",
    };

    /// <summary>For each member that writes one of the names: which, in order, as often as it does.</summary>
    private static IEnumerable<(string Member, string Writes)> WritesBelow(string folder, HashSet<string> names) =>
        from file in Sources(folder)
        let path = Path.GetRelativePath(Library, file).Replace('\\', '/')
        from member in MembersOf(path)
        let written = string.Join(" ", member.DescendantNodes().SelectMany(Targets).Select(LastName).Where(names.Contains))
        where written.Length > 0
        group written by $"{path}#{NameOf(member)}" into overloads
        select (overloads.Key, string.Join(" ", overloads));

    private static IEnumerable<ExpressionSyntax> Targets(SyntaxNode node) => node switch
    {
        AssignmentExpressionSyntax { Left: TupleExpressionSyntax tuple } => tuple.Arguments.Select(static argument => argument.Expression),
        AssignmentExpressionSyntax assignment => [assignment.Left],
        PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PostIncrementExpression or (int)SyntaxKind.PostDecrementExpression } change => [change.Operand],
        PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreIncrementExpression or (int)SyntaxKind.PreDecrementExpression } change => [change.Operand],
        // A reference is passed to be written, unless it is only read.
        ArgumentSyntax { RefKindKeyword.RawKind: (int)SyntaxKind.RefKeyword } argument when !IsRead(argument) => [argument.Expression],
        RefExpressionSyntax reference => [reference.Expression],
        // Collections that are state: what is added or removed.
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "Add" or "Remove" } access } => [access.Expression],
        _ => [],
    };

    private static bool IsRead(ArgumentSyntax argument) =>
        argument.Parent?.Parent is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "Read" } };

    private static string LastName(ExpressionSyntax target) => target switch
    {
        IdentifierNameSyntax name => name.Identifier.Text,
        MemberAccessExpressionSyntax access => access.Name.Identifier.Text,
        ElementAccessExpressionSyntax element => LastName(element.Expression),
        InvocationExpressionSyntax call => LastName(call.Expression),
        _ => "",
    };

    private static IEnumerable<string> StatesOf(string type)
    {
        foreach (string file in Sources(""))
        {
            if (!File.ReadAllText(file).Contains(type, StringComparison.Ordinal))
                continue;
            foreach (BaseTypeDeclarationSyntax declared in CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Where(found => found.Identifier.Text == type))
            {
                IEnumerable<SyntaxToken> names = declared is EnumDeclarationSyntax states
                    ? states.Members.Select(static member => member.Identifier)
                    : ((TypeDeclarationSyntax)declared).Members.OfType<FieldDeclarationSyntax>().Where(static field => field.Modifiers.Any(SyntaxKind.ConstKeyword))
                        .SelectMany(static field => field.Declaration.Variables.Select(static variable => variable.Identifier));
                foreach (SyntaxToken name in names)
                    yield return name.Text;
            }
        }
    }

    [GeneratedRegex(@"^ \* mirrors: ([\w/]+): (.+)$", RegexOptions.Multiline)]
    private static partial Regex Mirrors();

    [GeneratedRegex(@"^ \* states: (.+)$", RegexOptions.Multiline)]
    private static partial Regex States();

    [GeneratedRegex(@"^ \* (\S+\.cs#[\w.]+): ([^|\n]+?)(?: \| left out: (.+))?$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\bcode: (\S+#\w+)")]
    private static partial Regex Code();

    [GeneratedRegex(@"(?:/\*((?:(?!\*/)[\s\S])*)\*/\s*)?^(?:active )?(?:inline|proctype) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Step();
}
