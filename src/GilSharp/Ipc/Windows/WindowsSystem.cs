using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace GilSharp.Ipc.Windows;

/// <summary>What is Windows' own. Never run there yet.</summary>
/// <remarks>Handles of the kernel fit into 32 bits also in 64-bit processes ("Interprocess Communication Between 32-bit and 64-bit Applications").</remarks>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WindowsSystem : HostSystem
{
    internal override ChildProcess Start(CommandLine command) => WindowsChild.Start(command);

    internal override WorkerChannel TakeInherited(out StatusPage status)
    {
        // The console of a worker is its own: what is printed is read as UTF-8, whatever the language of this Windows.
        _ = Kernel32.SetConsoleOutputCP(Kernel32.CP_UTF8);
        return WindowsChannel.TakeInherited(out status);
    }

    internal override string MuxerName => "dotnet.exe";

    internal override StringComparer VariableNames => StringComparer.OrdinalIgnoreCase;

    internal override bool SharesEnvironmentWithNativeCode => true;

    // Nothing to do: the job that we are in from our first instruction on kills us when its last handle, the parent's, is closed.
    internal override void DieWithParent(int parent)
    {
    }

    internal override void ExitNow(int code) => Kernel32.TerminateProcess(Kernel32.GetCurrentProcess(), (uint)code);

    internal override void KillNow() => Kernel32.TerminateProcess(Kernel32.GetCurrentProcess(), NtStatus.Killed);

    internal override void Crash() => _ = Kernel32.strlen(1);

    internal override int CreateMemory(string name, int length)
    {
        nint section = Kernel32.CreateFileMapping(-1, null, Kernel32.PAGE_READWRITE, 0, (uint)length, null);
        return section != 0 ? (int)section : throw Failure("get memory for a worker");
    }

    internal override byte* Map(int memory, long length, bool populate)
    {
        byte* address = Kernel32.MapViewOfFile(memory, Kernel32.FILE_MAP_WRITE, 0, 0, (nuint)length);
        return address != null ? address : throw Failure("map memory for a worker");
    }

    internal override void Unmap(byte* address, long length) => Kernel32.UnmapViewOfFile(address);

    internal override void Close(int descriptor) => Kernel32.CloseHandle(descriptor);

    internal static nint MakeEvent()
    {
        nint handle = Kernel32.CreateEvent(null, 0, 0, null);
        return handle != 0 ? handle : throw Failure("make an event for a worker");
    }

    internal static IOException Failure(string step)
    {
        int error = Marshal.GetLastPInvokeError();
        string failure = $"Could not {step}: {Marshal.GetPInvokeErrorMessage(error)}";
        return IsLimit(error) ? new SystemLimitException(failure) : new IOException(failure);
    }

    // Handles, memory, kernel memory, the page file and quotas: there may be more of them later.
    private static bool IsLimit(int error) => error is
        Kernel32.ERROR_TOO_MANY_OPEN_FILES or Kernel32.ERROR_NOT_ENOUGH_MEMORY or Kernel32.ERROR_OUTOFMEMORY
        or Kernel32.ERROR_NO_SYSTEM_RESOURCES or Kernel32.ERROR_COMMITMENT_LIMIT or Kernel32.ERROR_NOT_ENOUGH_QUOTA;
}
