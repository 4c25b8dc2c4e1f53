using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace GilSharp.Tests.Processes;

/// <summary>What a worker finds around it: threads for native libraries, a collector that is one of many, and whatever the user had set.</summary>
[TestClass]
public sealed partial class WorkerEnvironmentTests : PoolTest
{
    private static readonly string[] ThreadCounts =
        ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS"];

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ThreadsPerWorker_IsWhatNativeLibrariesRead_AndNotWhatTheWorkersChildrenGet()
    {
        ProcessPoolOptions options = new() { Workers = 1, ThreadsPerWorker = 3 };
        foreach (string name in ThreadCounts) options.Environment[name] = null; // whatever this machine has set
        await using ProcessPool pool = new(options);

        foreach (string name in ThreadCounts)
        {
            Assert.AreEqual("3", await pool.ApplyAsync(NativeVariable, name), name);
            Assert.IsNull(await pool.ApplyAsync(Environment.GetEnvironmentVariable, name), name);
        }
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ThreadCounts_ThatTheUserSet_Stay()
    {
        ProcessPoolOptions options = new() { Workers = 1, ThreadsPerWorker = 3 };
        options.Environment["OMP_NUM_THREADS"] = "7";
        options.Environment["DOTNET_PROCESSOR_COUNT"] = "5";
        await using ProcessPool pool = new(options);

        Assert.AreEqual("7", await pool.ApplyAsync(NativeVariable, "OMP_NUM_THREADS"));
        Assert.AreEqual("7", await pool.ApplyAsync(Environment.GetEnvironmentVariable, "OMP_NUM_THREADS"));
        Assert.AreEqual(5, await pool.ApplyAsync(() => Environment.ProcessorCount));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task StartupHook_OfTheUser_RunsInWorkers_AndProfilerSettingsAreThere()
    {
        string hook = Path.Combine(AppContext.BaseDirectory, "GilSharp.Tests.Worker.dll");
        ProcessPoolOptions options = new() { Workers = 1 };
        options.Environment["DOTNET_STARTUP_HOOKS"] = hook;
        options.Environment["CORECLR_PROFILER_PATH"] = "/none"; // not enabled, so nobody looks for it
        await using ProcessPool pool = new(options);

        Assert.AreEqual("ran", await pool.ApplyAsync(() => Environment.GetEnvironmentVariable("GILSHARP_TEST_HOOK")));
        Assert.AreEqual(hook, await pool.ApplyAsync(() => Environment.GetEnvironmentVariable("DOTNET_STARTUP_HOOKS")));
        Assert.AreEqual("/none", await pool.ApplyAsync(() => Environment.GetEnvironmentVariable("CORECLR_PROFILER_PATH")));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task Diagnostics_StayOn()
    {
        ProcessPoolOptions options = new() { Workers = 1 };
        options.Environment["DOTNET_EnableDiagnostics"] = null;
        await using ProcessPool pool = new(options);

        // Where dotnet-trace and dotnet-dump reach a process.
        Assert.IsTrue(await pool.ApplyAsync(() => Directory.EnumerateFiles(Path.GetTempPath(), $"dotnet-diagnostic-{Environment.ProcessId}-*").Any()));
    }

    [TestMethod]
    [Timeout(Deadline)]
    public async Task ServerCollector_OfAWebProgramsRuntimeconfig_IsNotTheWorkers()
    {
        string folder = Directory.CreateTempSubdirectory("gilsharp-collector").FullName;
        try
        {
            foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory, "GilSharp*")) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory, "Microsoft.Extensions.*")) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            string settings = Path.Combine(folder, "GilSharp.Tests.Worker.runtimeconfig.json");
            JsonNode json = JsonNode.Parse(File.ReadAllText(settings))!;
            ((JsonObject)json["runtimeOptions"]!)["configProperties"] = new JsonObject { ["System.GC.Server"] = true };
            File.WriteAllText(settings, json.ToJsonString());

            ProcessStartInfo start = new("dotnet", [Path.Combine(folder, "GilSharp.Tests.Worker.dll"), "collector"]) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment.Remove("DOTNET_gcServer");
            start.Environment["DOTNET_PROCESSOR_COUNT"] = "2"; // one has no server collector
            using Process program = Process.Start(start)!;
            Task<string> output = program.StandardOutput.ReadToEndAsync(), error = program.StandardError.ReadToEndAsync();
            await InTime(program.WaitForExitAsync());

            Assert.AreEqual("True False", (await output).Trim(), await error);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string? NativeVariable(string name) => Marshal.PtrToStringUTF8(getenv(name));

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint getenv(string name);
}
