using System.Reflection;

namespace GilSharp.Tests;

/// <summary>Rules about the shape of the library that no compiler checks.</summary>
[TestClass]
public sealed class ArchitectureTests
{
    private static readonly Assembly Library = Assembly.Load("GilSharp");

    // docs/architecture.md has this table too, with what each folder is for; a test below compares them.
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Locking"] = ["Diagnostics"],
        ["RefCounting"] = ["Locking", "Diagnostics"],
        ["Processes"] = ["Serialization", "Sharing", "RefCounting", "Ipc", "Diagnostics"],
        ["Serialization"] = ["Sharing", "RefCounting", "Diagnostics"],
        ["Sharing"] = ["RefCounting", "Ipc"],
        ["Ipc"] = ["Diagnostics"],
        // The lock reports through LockObserver, and what is shown of it is read from it: the two know each other, and nobody else does so.
        ["Diagnostics"] = ["Locking"],
    };

    public static IEnumerable<object[]> Folders => MayUse.Keys.Select(folder => new object[] { folder });

    [TestMethod]
    public void PublicTypes_AreInTheOneNamespaceThatUsersImport()
    {
        string[] elsewhere = [.. Library.GetExportedTypes().Where(type => type.Namespace != "GilSharp").Select(type => type.FullName!)];

        Assert.IsEmpty(elsewhere, string.Join(", ", elsewhere));
    }

    [TestMethod]
    public void Folders_AreThoseThatTheRulesKnow()
    {
        IEnumerable<string> unknown = SourceFile.All.Select(file => file.Folder).Distinct().Except(MayUse.Keys);

        Assert.IsEmpty(unknown, string.Join(", ", unknown));
    }

    [TestMethod]
    [DynamicData(nameof(Folders))]
    public void Folder_UsesOnlyWhatTheRulesAllow(string folder)
    {
        string[] allowed = [folder, .. MayUse[folder]];
        // Exceptions are the words in which every layer speaks to the caller, wherever they are declared.
        Dictionary<string, SourceFile> foreign = SourceFile.All
            .Where(file => !allowed.Contains(file.Folder))
            .SelectMany(file => file.DeclaredTypes.Where(name => !name.EndsWith("Exception", StringComparison.Ordinal)).Select(name => (name, file)))
            .DistinctBy(declared => declared.name)
            .ToDictionary(declared => declared.name, declared => declared.file);

        string[] forbidden =
        [
            .. from file in SourceFile.All
               where file.Folder == folder
               from name in file.UsedNames
               where foreign.ContainsKey(name) && !file.DeclaredTypes.Contains(name)
               select $"{file.Path} uses {name} of {foreign[name].Path}",
        ];

        Assert.IsEmpty(forbidden, string.Join('\n', forbidden));
    }

    [TestMethod]
    [DynamicData(nameof(Folders))]
    public void Page_ShowsTheRulesThatAreTested(string folder)
    {
        string page = File.ReadAllText(Path.Combine(SourceFile.Root, "docs", "architecture.md"));

        string row = page.Split('\n').Single(line => line.StartsWith($"| `{folder}/` |", StringComparison.Ordinal));
        string[] shown = [.. row.Split('|')[3].Split('`').Where((_, index) => index % 2 == 1)];

        CollectionAssert.AreEquivalent(MayUse[folder], shown);
    }

    [TestMethod]
    public void Scan_SeesTypesAndUses_ButNotWhatCommentsAndTextsSay()
    {
        SourceFile file = new("Locking/Turn.cs", """"
            /// <summary>See <see cref="Described"/>.</summary>
            public sealed partial class Turn<T> : Base
            {
                /* Blocked */ private readonly Used _used; // Remarked
                private static readonly object Gate = new();
                private int Length => 0; private Kind Kind { get; } private Other Named() => null as Cast;
                private string Text => "Quoted \" still quoted" + """Raw""" + $"{Inserted.Name}" + 'C';
            }
            internal readonly record struct Word(int Bits);
            internal delegate void Woken();
            """");

        CollectionAssert.AreEquivalent(new[] { "Turn", "Word", "Woken" }, file.DeclaredTypes.ToArray());
        Assert.Contains("Used", file.UsedNames);
        Assert.Contains("Base", file.UsedNames);
        Assert.Contains("Inserted", file.UsedNames);
        Assert.Contains("Other", file.UsedNames);
        Assert.Contains("Cast", file.UsedNames);
        foreach (string said in new[] { "Described", "Blocked", "Remarked", "Quoted", "still", "Raw", "Gate", "Length" })
            Assert.DoesNotContain(said, file.UsedNames);
    }
}
