using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GilSharp.Ipc;
using GilSharp.Ipc.Unix;
using GilSharp.Ipc.Windows;
using GilSharp.Processes.Engine;
using GilSharp.Sharing;

namespace GilSharp.Tests.Ipc;

/// <summary>What of the code for Windows and macOS can be tried on any system: layouts, command lines, names.</summary>
[TestClass]
public sealed class OtherSystemsTests
{
    [TestMethod]
    public void Structures_HaveTheSizesAndOffsetsOfTheSdks()
    {
        Assert.AreEqual(8, nint.Size, "the figures are those of 64 bits");
        Assert.AreEqual(104, Unsafe.SizeOf<Kernel32.StartupInfo>());
        Assert.AreEqual(60, Offset<Kernel32.StartupInfo>("Flags"));
        Assert.AreEqual(80, Offset<Kernel32.StartupInfo>("Input"));
        Assert.AreEqual(112, Unsafe.SizeOf<Kernel32.StartupInfoEx>());
        Assert.AreEqual(104, Offset<Kernel32.StartupInfoEx>("AttributeList"));
        Assert.AreEqual(24, Unsafe.SizeOf<Kernel32.ProcessInformation>());
        Assert.AreEqual(16, Offset<Kernel32.ProcessInformation>("ProcessId"));
        Assert.AreEqual(144, Unsafe.SizeOf<Kernel32.ExtendedLimits>());
        Assert.AreEqual(16, Offset<Kernel32.ExtendedLimits>("LimitFlags"));
        Assert.AreEqual(64, Offset<Kernel32.ExtendedLimits>("ReadOperations"));
        Assert.AreEqual(112, Offset<Kernel32.ExtendedLimits>("ProcessMemoryLimit"));
        Assert.AreEqual(32, Unsafe.SizeOf<MacLibc.KernelEvent>());
        Assert.AreEqual(8, Offset<MacLibc.KernelEvent>("Filter"));
        Assert.AreEqual(12, Offset<MacLibc.KernelEvent>("FilterFlags"));
        Assert.AreEqual(16, Offset<MacLibc.KernelEvent>("Data"));
        Assert.AreEqual(8, Unsafe.SizeOf<Libc.PollEntry>());
    }

    [TestMethod]
    [DataRow("plain", "plain")]
    [DataRow("", "\"\"")]
    [DataRow("with space", "\"with space\"")]
    [DataRow(@"C:\no\space\", @"C:\no\space\")]
    [DataRow(@"C:\a space\", "\"C:\\a space\\\\\"")]
    [DataRow("say \"hi\"", "\"say \\\"hi\\\"\"")]
    [DataRow("\\\"", "\"\\\\\\\"\"")]
    public void WindowsCommandLine_QuotesAnArgument(string argument, string quoted) =>
        Assert.AreEqual($"\"C:\\Program Files\\dotnet.exe\" {quoted} next", WindowsCommandLine.Of(@"C:\Program Files\dotnet.exe", [argument, "next"]));

    [TestMethod]
    public void WindowsCommandLine_IsTakenApartIntoTheSameArguments()
    {
        Random random = new(11);
        for (int round = 0; round < 20_000 * TestEffort.Factor; round++)
        {
            string[] arguments = [.. Enumerable.Range(0, random.Next(5)).Select(_ => string.Concat(Enumerable.Range(0, random.Next(7)).Select(_ => @"\"" ab	"[random.Next(6)])))];

            string line = WindowsCommandLine.Of(@"C:\x y\z.exe", arguments);

            Assert.AreSequenceEqual([@"C:\x y\z.exe", .. arguments], TakeApart(line), line);
        }
    }

    [TestMethod]
    public void WindowsEnvironment_IsSortedWithoutRegardToCase_AndEndsWithTwoZeroes()
    {
        Assert.AreEqual("=C:=C:\\work\0a=1\0B=2=3\0c=\0\0", WindowsCommandLine.EnvironmentBlock(["c=", "B=2=3", "=C:=C:\\work", "a=1"]));
        Assert.AreEqual("\0\0", WindowsCommandLine.EnvironmentBlock([]));
        Assert.Contains("BAD", Assert.ThrowsExactly<IOException>(() => WindowsCommandLine.EnvironmentBlock(["BAD=a\0b"])).Message);
    }

    [TestMethod]
    [DataRow(0, null)]
    [DataRow(1, null)]
    [DataRow(137, null)]
    [DataRow(-1, null)]   // also what Process.Kill gives
    [DataRow(-1000, null)]
    [DataRow(unchecked((int)0xC0000005), "STATUS_ACCESS_VIOLATION")]
    [DataRow(unchecked((int)0xC00000FD), "STATUS_STACK_OVERFLOW")]
    [DataRow(unchecked((int)0x80131623), "Environment.FailFast")]
    [DataRow(unchecked((int)0xE0434352), "unhandled exception")]
    [DataRow(unchecked((int)0xC0000602), "STATUS_FAIL_FAST_EXCEPTION")]
    [DataRow(unchecked((int)0xC0001234), "0xC0001234")]
    [DataRow(unchecked((int)NtStatus.Killed), "SIGKILL")]
    public void WindowsExitCode_HasANameIfItIsAnError(int code, string? name) => Assert.AreEqual(name, NtStatus.NameOf(code));

    [TestMethod]
    public void MacSignals_HaveTheNumbersOfMacOs()
    {
#pragma warning disable CA1416 // a table, whatever the system
        Assert.AreEqual("SIGBUS", new MacSystem().SignalName(10));
        Assert.AreEqual("SIGSYS", new MacSystem().SignalName(12));
        Assert.AreEqual("SIGUSR1", new MacSystem().SignalName(30));
        Assert.AreEqual("SIGKILL", new MacSystem().SignalName(9));
#pragma warning restore CA1416
    }

    [TestMethod]
    public void SystemOfThisMachine_IsKnown() => Assert.AreEqual(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() || OperatingSystem.IsWindows(), HostSystem.IsSupported);

    [TestMethod]
    public void ExitCodeBelowZero_IsAnExitCode()
    {
        Assert.AreEqual("exit code -1", WorkerExit.Describe(new ExitStatus(-1, null)));
        Assert.AreEqual("no exit status", WorkerExit.Describe(ExitStatus.Unknown));
    }

#pragma warning disable CA1416 // what they refuse, they refuse before they ask a system
    private static HostSystem Other(string name) => name == "Windows" ? new WindowsSystem() : new MacSystem();
#pragma warning restore CA1416

    [TestMethod]
    [DataRow("Windows")]
    [DataRow("macOS")]
    public void SharedMemory_OnAnotherSystem_IsRefused_WithTheWayOut(string name)
    {
        HostSystem system = Other(name);
        foreach (Action refused in (Action[])[() => system.ReserveMemory("x", 1, out _), () => system.LengthOf(0), () => system.Duplicate(0)])
            Assert.Contains("pass arrays by value", Assert.ThrowsExactly<PlatformNotSupportedException>(refused).Message);
    }

    [TestMethod]
    [DataRow("Windows")]
    [DataRow("macOS")]
    public void SharedArray_OnAnotherSystem_IsRefused_AndLargeArraysAreNotLentMemory(string name)
    {
        Assert.IsNotNull(RegionPool.Shared); // made for the system that this is
        HostSystem.ForTest = Other(name);
        try
        {
            Assert.Contains("pass arrays by value", Assert.ThrowsExactly<PlatformNotSupportedException>(() => new SharedArray<int>(10)).Message);
            Assert.Contains("pass arrays by value", Assert.ThrowsExactly<PlatformNotSupportedException>(() => new SharedArray<byte>([1, 2])).Message);
            Assert.IsNull(new RegionPool(TimeSpan.FromMinutes(1)).TryRent(1 << 20));
        }
        finally
        {
            HostSystem.ForTest = null;
        }
    }

    [TestMethod]
    public void Differences_LieInTheFilesOfTheSystems_AndNowhereElse()
    {
        // What asks which system this is, calls into one, or names what only one has, outside of the files that each system has to itself.
        string[] tells = ["OperatingSystem.Is", "RuntimeInformation.", "LibraryImport", "DllImport", "\"/proc", "Ipc.Unix", "Ipc.Windows", "Libc.", "Kernel32."];
        string sources = Path.Combine(Repository(), "src", "GilSharp");
        foreach (string file in Directory.EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(sources, file).Replace('\\', '/');
            if (relative.StartsWith("Ipc/Unix/", StringComparison.Ordinal) || relative.StartsWith("Ipc/Windows/", StringComparison.Ordinal)
                || relative.StartsWith("obj/", StringComparison.Ordinal) || relative.StartsWith("bin/", StringComparison.Ordinal) || relative == "Ipc/HostSystem.cs")
                continue;
            string text = File.ReadAllText(file);
            foreach (string tell in tells) Assert.DoesNotContain(tell, text, relative);
        }
    }

    private static string Repository()
    {
        // A deterministic build does not know its sources' path: so from where the tests run.
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "GilSharp.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"No GilSharp.sln above {AppContext.BaseDirectory}.");
    }

    private static int Offset<T>(string field) => (int)Marshal.OffsetOf<T>(field);

    // CommandLineToArgvW as its documentation has it: the program up to its closing quote, then backslashes and quotes by the rule of two.
    private static List<string> TakeApart(string line)
    {
        List<string> arguments = [line[1..line.IndexOf('"', 1)]];
        for (int at = line.IndexOf('"', 1) + 1; at < line.Length;)
        {
            while (at < line.Length && line[at] is ' ' or '\t') at++;
            System.Text.StringBuilder argument = new();
            bool quoted = false;
            while (at < line.Length && (quoted || line[at] is not (' ' or '\t')))
            {
                int backslashes = 0;
                while (at < line.Length && line[at] == '\\')
                {
                    backslashes++;
                    at++;
                }

                if (at == line.Length || line[at] != '"')
                {
                    argument.Append('\\', backslashes);
                    if (at < line.Length && (quoted || line[at] is not (' ' or '\t'))) argument.Append(line[at++]);
                    continue;
                }

                argument.Append('\\', backslashes / 2);
                if (backslashes % 2 == 1) argument.Append('"');
                else quoted = !quoted;
                at++;
            }

            arguments.Add(argument.ToString());
        }

        return arguments;
    }
}
