using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GilSharp.Tests.Processes;

/// <summary>The ways in which a worker dies, and functions that do nothing or never end.</summary>
internal static class Misfortune
{
    internal static readonly (string Name, Action Die)[] WaysToDie =
    [
        (nameof(Exit), Exit),
        (nameof(FailFast), FailFast),
        (nameof(SegmentationFault), SegmentationFault),
        (nameof(StackOverflow), StackOverflow),
        (nameof(KillItself), KillItself),
    ];

    internal static void Exit() => Environment.Exit(3);

    internal static void FailFast() => Environment.FailFast("misfortune: fail fast");

    internal static void SegmentationFault() => _ = strlen(1); // in native code: the runtime turns managed ones into exceptions

    internal static void StackOverflow() => _ = Descend(0);

    internal static void KillItself() => Process.GetCurrentProcess().Kill();

    internal static int Increment(int value) => value + 1;

    internal static int ProcessId() => Environment.ProcessId;

    internal static int ProcessIdAfter(int milliseconds)
    {
        Thread.Sleep(milliseconds);
        return Environment.ProcessId;
    }

    /// <summary>Says that it runs, and ignores its token.</summary>
    internal static void NeverEnd(string folder)
    {
        File.WriteAllText(Path.Combine(folder, $"arrived-{Environment.ProcessId}"), "");
        while (true)
        {
        }
    }

    /// <summary>Ends as soon as its token is signalled.</summary>
    internal static int EndWhenAsked(int milliseconds, CancellationToken token)
    {
        token.WaitHandle.WaitOne(milliseconds);
        token.ThrowIfCancellationRequested();
        return milliseconds;
    }

    /// <summary>Makes a file and then waits for another: so a test knows that a call runs, and lets it go on.</summary>
    internal static int MeetAt(string folder)
    {
        File.WriteAllText(Path.Combine(folder, $"arrived-{Environment.ProcessId}"), "");
        while (!File.Exists(Path.Combine(folder, "go"))) Thread.Sleep(1);
        return Environment.ProcessId;
    }

    private static int Descend(int depth) => depth == int.MaxValue ? 0 : Descend(depth + 1) + Math.Abs(depth % 3);

    [DllImport("libc")]
    private static extern nint strlen(nint text);
}
