namespace GilSharp.Package.Tests;

/// <summary>A program outside the solution installs the package, as a user would, and uses it.</summary>
[TestClass]
public sealed class ConsumerTests
{
    private const string Program = """
        using GilSharp;

        GlobalInterpreterLock gil = new();
        using (gil.EnterScope())
            gil.Checkpoint();

        int released = 0;
        RefCounted<object> counted = RefCounted.Create(new object(), onRelease: _ => released++);
        counted.AddReference().Dispose();
        counted.Dispose();

        using ProcessPool pool = new(workers: 2);
        int worker = await pool.ApplyAsync(() => Environment.ProcessId);
        Console.WriteLine($"{released} released, 12 * 12 = {await pool.ApplyAsync(Work.Square, 12)}, elsewhere: {worker != Environment.ProcessId}");
        pool.Close();
        pool.Join();

        internal static class Work
        {
            public static int Square(int number) => number * number;
        }
        """;

    private static string s_folder = null!;
    private static ChildResult s_build = null!;

    [ClassInitialize]
    public static void Install(TestContext context)
    {
        Package package = AssemblySetup.Workshop.OriginalPackage;
        s_folder = AssemblySetup.Workshop.NewFolder("consumer");
        Write("Directory.Build.props", "<Project />");
        Write("Directory.Packages.props", "<Project />");
        Write("Program.cs", Program);
        Write("Consumer.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <RestorePackagesPath>packages</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="GilSharp" Version="{package.Version}" />
              </ItemGroup>
            </Project>
            """);
        // The machine's own sources stay; ours is added. The package goes to a folder of this test, so that an older one of the same version
        // is not taken in its place, nor this one left behind; what it depends on comes from where the repository's own build has put it.
        Write("nuget.config", $"""
            <configuration>
              <packageSources><add key="packed" value="{package.Feed}" /></packageSources>
              <fallbackPackageFolders><add key="machine" value="{MachinePackages()}" /></fallbackPackageFolders>
            </configuration>
            """);
        s_build = ChildProgram.Dotnet(["build", "-c", "Release", "--nologo", "-o", "out"], s_folder);
    }

    [TestMethod]
    public void Consumer_BuildsWithoutAWarning()
    {
        Assert.AreEqual(0, s_build.ExitCode, s_build.ToString());
        Assert.DoesNotContain("warning", s_build.Output.Replace("0 Warning(s)", "", StringComparison.Ordinal));
    }

    [TestMethod]
    public void Consumer_UsesThePackageJustPacked() =>
        Assert.AreEqual(
            AssemblySetup.Workshop.OriginalPackage.HashOf(AssemblySetup.Workshop.OriginalPackage.File, Package.LibraryEntry),
            Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(s_folder, "out", "GilSharp.dll")))));

    [TestMethod]
    [Timeout(660_000, CooperativeCancellation = true)]
    public void Consumer_StartsAPool_AppliesAFunction_AndLeavesNothing()
    {
        ChildResult run = ChildProgram.Dotnet([Path.Combine(s_folder, "out", "Consumer.dll")], s_folder);

        Assert.AreEqual(0, run.ExitCode, run.ToString());
        Assert.AreEqual("1 released, 12 * 12 = 144, elsewhere: True", run.Output.Trim());
        Assert.AreEqual("", run.Error);
        Assert.IsEmpty(ProcessesOf(s_folder));
    }

    private static void Write(string name, string text) => File.WriteAllText(Path.Combine(s_folder, name), text);

    // "global-packages: <folder>"
    private static string MachinePackages() =>
        ChildProgram.Dotnet(["nuget", "locals", "global-packages", "--list", "--force-english-output"], Repository.Root).Output.Split(": ", 2)[1].Trim();

    private static string[] ProcessesOf(string folder) =>
        !OperatingSystem.IsLinux()
            ? []
            : [.. Directory.EnumerateDirectories("/proc").Select(CommandLine).Where(line => line.Contains(folder, StringComparison.Ordinal))];

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
