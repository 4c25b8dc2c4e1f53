namespace GilSharp.StartMatrix.Tests;

/// <summary>
/// A pool starts its workers in whichever way the program itself was built and started: the functions give the right answers in
/// another process, tasks and parallel loops go on inside it, and the user's Main runs in the program only.
/// </summary>
[TestClass]
public sealed class StartMatrixTests
{
    private const int Deadline = 900_000;

    private static readonly string[] Answers =
    [
        "static method: 0",
        "lambda: 42",
        "closure: 19",
        "comparer: 5",
        "strings and arrays: 1.5+2.5",
        "struct: Pair { First = 2, Second = 1 }",
        "async: 42",
        "parallel: 499500",
        "elsewhere: True",
        "worker: True, here: False",
        "same folder: True",
        "serializer: Ada Lovelace",
    ];

    private const string Failure = "exception: on purpose (Parameter 'message')";

    private static readonly Lazy<MatrixProgram> Ordinary = new(() => new MatrixProgram("Ordinary", withSqlite: true));
    private static readonly Lazy<string> OrdinaryAssembly = new(() => Ordinary.Value.Build());
    private static readonly Lazy<string> SingleFile = new(() => Ordinary.Value.Publish("single-file", "--no-self-contained", "-p:PublishSingleFile=true"));

    [TestMethod, Timeout(Deadline)]
    public void DotnetAssembly_StartsWorkers() => ExpectAnswers(MatrixProgram.Run(MatrixProgram.SdkCommand, OrdinaryAssembly.Value), withSqlite: true);

    [TestMethod, Timeout(Deadline)]
    public void Apphost_StartsWorkers() => ExpectAnswers(MatrixProgram.Run(Path.ChangeExtension(OrdinaryAssembly.Value, null)), withSqlite: true);

    [TestMethod, Timeout(Deadline)]
    public void DotnetRun_StartsWorkers() => ExpectAnswers(
        MatrixProgram.Run(MatrixProgram.SdkCommand, "run", "-c", "Release", "--project", Ordinary.Value.Folder), withSqlite: true);

    [TestMethod, Timeout(Deadline)]
    public void SelfContained_StartsWorkers_WithoutAnInstalledRuntime() => ExpectAnswers(
        RunWithoutInstalledRuntime(Ordinary.Value.Publish("self-contained", "--self-contained")), withSqlite: true);

    [TestMethod, Timeout(Deadline)]
    public void SingleFile_FrameworkDependent_StartsWorkers() => ExpectAnswers(MatrixProgram.Run(SingleFile.Value), withSqlite: true);

    [TestMethod, Timeout(Deadline)]
    [DataRow(true, DisplayName = "single file")]
    [DataRow(false, DisplayName = "assembly")]
    public void StartupHookOfTheUser_RunsInWorkersToo(bool singleFile)
    {
        string folder = AssemblySetup.Workshop.NewFolder("hook");
        string started = Path.Combine(AssemblySetup.Workshop.NewFolder(singleFile ? "hooked-file" : "hooked-assembly"), "started");
        Workshop.Write(folder, "Hook.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>");
        Workshop.Write(folder, "Hook.cs", """
            internal static class StartupHook
            {
                public static void Initialize() => System.IO.File.AppendAllText(System.Environment.GetEnvironmentVariable("MATRIX_STARTED"), System.Environment.ProcessPath + "\n");
            }
            """);
        Workshop.DotnetWithoutWarning(folder, "build", "-c", "Release", "--nologo", "-o", "built");
        string program = singleFile ? SingleFile.Value : Path.ChangeExtension(OrdinaryAssembly.Value, null);

        ExpectAnswers(
            MatrixProgram.Run("env", $"DOTNET_STARTUP_HOOKS={Path.Combine(folder, "built", "Hook.dll")}", $"MATRIX_STARTED={started}", program), withSqlite: true);

        string[] processes = File.ReadAllLines(started);
        Assert.IsGreaterThan(1, processes.Length, string.Join('\n', processes));
    }

    [TestMethod, Timeout(Deadline)]
    public void SingleFile_SelfContained_StartsWorkers() => ExpectAnswers(
        RunWithoutInstalledRuntime(Ordinary.Value.Publish(
            "single-file-self-contained", "--self-contained", "-p:PublishSingleFile=true", "-p:IncludeNativeLibrariesForSelfExtract=true")), withSqlite: true);

    [TestMethod, Timeout(Deadline)]
    public void Trimmed_WithRunWorkerIfRequested_StartsWorkers() => ExpectAnswers(RunWithoutInstalledRuntime(
        new MatrixProgram("Trimmed", "<PublishTrimmed>true</PublishTrimmed><DefineConstants>$(DefineConstants);EXPLICIT</DefineConstants>")
            .Publish("out", "--self-contained")));

    [TestMethod, Timeout(Deadline)]
    public void Trimmed_WithoutRunWorkerIfRequested_SaysWhatToDo()
    {
        MatrixResult result = RunWithoutInstalledRuntime(
            new MatrixProgram("TrimmedSilent", "<PublishTrimmed>true</PublishTrimmed>").Publish("out", "--self-contained"));

        Assert.AreEqual(0, result.Child.ExitCode, result.Child.ToString());
        Assert.Contains("WorkerStartException: ", result.Child.Output, result.Child.ToString());
        Assert.Contains("RunWorkerIfRequested", result.Child.Output);
        // Nothing can keep Main from running in such a worker; that it starts no workers of its own is what can be had.
        Assert.IsLessThanOrEqualTo(8, result.Mains, result.Child.ToString());
    }

    [TestMethod, Timeout(Deadline)]
    public void NativeAot_StartsWorkers_AndRefusesWhatTrimmingMayHaveChanged()
    {
        MatrixResult result = RunWithoutInstalledRuntime(
            new MatrixProgram("Native", "<PublishAot>true</PublishAot><DefineConstants>$(DefineConstants);NATIVE</DefineConstants>").Publish("out"));

        string[] lines = result.Child.Output.Split('\n');
        string[] refusals = [.. lines.Where(line => line.StartsWith("object: ", StringComparison.Ordinal))];
        Assert.HasCount(2, refusals, result.Child.ToString());
        Assert.Contains("captured variable 'person' of type Person", refusals[0]);
        Assert.Contains("captured variable 'tuple' of type Tuple<String, Int32>", refusals[1]);
        foreach (string refusal in refusals) Assert.Contains("compiled ahead of time", refusal);
        ExpectAnswers(result with { Child = result.Child with { Output = string.Join('\n', lines.Except(refusals)) } });
    }

    [TestMethod, Timeout(Deadline)]
    public void NativeAotProject_RunUnderCoreClr_StartsWorkers() => ExpectAnswers(
        MatrixProgram.Run(MatrixProgram.SdkCommand, new MatrixProgram("NativeLater", "<PublishAot>true</PublishAot>").Build()));

    [TestMethod, Timeout(Deadline)]
    [DataRow(null, DisplayName = "as it is")]
    [DataRow("PublishAot=false")]
    public void FileBasedProgram_StartsWorkers(string? property)
    {
        string folder = AssemblySetup.Workshop.NewFolder("file-based-" + (property ?? "default"));
        string directives = $"#:package GilSharp@{AssemblySetup.Workshop.PackageVersion}\n" + (property is null ? "" : $"#:property {property}\n");
        Workshop.Write(folder, "program.cs", $"{directives}using GilSharp;\n{MatrixProgram.Source("Program.cs")}\n{MatrixProgram.Source("Questions.cs")}");

        ExpectAnswers(MatrixProgram.Run(MatrixProgram.SdkCommand, "run", Path.Combine(folder, "program.cs")));
    }

    /// <summary>The sample that CoreCLR runs among the other samples, as native code and from the package.</summary>
    [TestMethod, Timeout(Deadline)]
    public void NativeAotSample_Published_EndsWithSuccess()
    {
        string program = new MatrixProgram("NativeSample", "<PublishAot>true</PublishAot>", sample: "NativeAot").Publish("out");

        Assert.IsFalse(File.Exists(Path.ChangeExtension(program, ".dll")), "it is not native code");
        ExpectSuccess(RunWithoutInstalledRuntime(program).Child, "5000000 steps, 42, 2 and 3, ababab, in another process: True");
    }

    /// <summary>As somebody does who has cloned the repository and wants to see it; no file of the clone changes.</summary>
    [TestMethod, Timeout(Deadline)]
    public void NativeAotSample_PublishedFromAClone_EndsWithSuccess()
    {
        string clone = AssemblySetup.Workshop.RepositoryCopy;
        string folder = AssemblySetup.Workshop.NewFolder("native-clone");
        string locked = Path.Combine(clone, "src", "GilSharp", "packages.lock.json");
        string before = File.ReadAllText(locked);
        string packages = $"-p:RestorePackagesPath={Workshop.MachinePackages()}"; // of the folder above it knows nothing, as a clone elsewhere
        Workshop.DotnetWithoutWarning(
            clone, "publish", Path.Combine("docs", "samples", "NativeAot"), "-c", "Release", "--nologo", "-r", MatrixProgram.Runtime, "-o", folder, packages);

        ExpectSuccess(RunWithoutInstalledRuntime(Path.Combine(folder, "NativeAot")).Child, "5000000 steps, 42, 2 and 3, ababab, in another process: True");
        Assert.AreEqual(before, File.ReadAllText(locked));
    }

    /// <summary>Here and not among the other samples: dotnet run builds beside the sources that it names, so it gets a copy of them.</summary>
    [TestMethod, Timeout(Deadline)]
    public void FileBasedSample_EndsWithSuccess() => ExpectSuccess(
        MatrixProgram.Run(
            MatrixProgram.SdkCommand, "run", Path.Combine(AssemblySetup.Workshop.RepositoryCopy, "docs", "samples", "FileBased", "primes.cs")).Child,
        "9592 primes below 100000", "counted in another process: True");

    [TestMethod, Timeout(Deadline)]
    public void VsTest_StartsWorkers()
    {
        string folder = AssemblySetup.Workshop.NewFolder("vstest");
        string answers = Path.Combine(folder, "answers");
        Workshop.Write(folder, "VsTest.cs", MatrixProgram.Source("VsTest.cs"));
        Workshop.Write(folder, "Questions.cs", MatrixProgram.Source("Questions.cs"));
        Workshop.Write(folder, "VsTest.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
              </PropertyGroup>
              <ItemGroup>
                <Using Include="GilSharp" />
                <PackageReference Include="GilSharp" Version="{AssemblySetup.Workshop.PackageVersion}" />
                <PackageReference Include="Microsoft.NET.Test.Sdk" Version="{Workshop.VersionOf("Microsoft.NET.Test.Sdk")}" />
                <PackageReference Include="MSTest.TestAdapter" Version="{Workshop.VersionOf("MSTest")}" />
                <PackageReference Include="MSTest.TestFramework" Version="{Workshop.VersionOf("MSTest")}" />
              </ItemGroup>
            </Project>
            """);

        ChildResult run = ChildProgram.Run("env", [$"MATRIX_ANSWERS={answers}", MatrixProgram.SdkCommand, "test", "--nologo"], folder);

        Assert.AreEqual(0, run.ExitCode, run.ToString());
        Assert.AreSequenceEqual([.. Answers, Failure], File.ReadAllLines(answers), run.ToString());
    }

    private static void ExpectSuccess(ChildResult result, params string[] lines)
    {
        Assert.AreEqual(0, result.ExitCode, result.ToString());
        foreach (string line in lines) Assert.Contains(line, result.Output);
        Assert.AreEqual("", result.Error);
    }

    private static void ExpectAnswers(MatrixResult result, bool withSqlite = false)
    {
        Assert.AreEqual(0, result.Child.ExitCode, result.Child.ToString());
        Assert.AreSequenceEqual(
            [.. Answers, .. withSqlite ? ["native library: 42"] : Array.Empty<string>(), Failure],
            result.Child.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            result.Child.ToString());
        Assert.AreEqual("", result.Child.Error);
        Assert.AreEqual(1, result.Mains, "Main did not run once.");
    }

    /// <summary>Hides every installed runtime, which a self-contained program must not need.</summary>
    private static MatrixResult RunWithoutInstalledRuntime(string executable) =>
        MatrixProgram.Run("env", "-u", "DOTNET_ROOT", "-u", "DOTNET_HOST_PATH", "PATH=/nonexistent", "DOTNET_ROOT=/nonexistent", executable);
}
