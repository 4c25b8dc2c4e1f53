using System.Globalization;

namespace GilSharp.Ipc.Windows;

/// <summary>Names for the exit codes with which Windows and the runtime end a process by force.</summary>
internal static class NtStatus
{
    /// <summary>The code that a pool kills with: of the range for programs' own errors, and one that no program returns by chance.</summary>
    internal const uint Killed = 0xE047494C;

    // The two topmost bits: severity "error". Exit codes of programs, counted down from -1, have the two below set as well, and no status has all four.
    private const uint FirstError = 0xC0000000, LastError = 0xEFFFFFFF;

    /// <summary>The name of the status in ntstatus.h, SIGKILL for what a pool has killed; null for a code that is a program's own.</summary>
    internal static string? NameOf(int exitCode) => unchecked((uint)exitCode) switch
    {
        Killed => "SIGKILL",
        0x80000003 => "STATUS_BREAKPOINT",
        0x80131623 => "Environment.FailFast", // COR_E_FAILFAST
        0xC0000005 => "STATUS_ACCESS_VIOLATION",
        0xC0000006 => "STATUS_IN_PAGE_ERROR",
        0xC0000017 => "STATUS_NO_MEMORY",
        0xC000001D => "STATUS_ILLEGAL_INSTRUCTION",
        0xC0000025 => "STATUS_NONCONTINUABLE_EXCEPTION",
        0xC000008C => "STATUS_ARRAY_BOUNDS_EXCEEDED",
        0xC0000094 => "STATUS_INTEGER_DIVIDE_BY_ZERO",
        0xC00000FD => "STATUS_STACK_OVERFLOW",
        0xC0000135 => "STATUS_DLL_NOT_FOUND",
        0xC0000139 => "STATUS_ENTRYPOINT_NOT_FOUND",
        0xC000013A => "STATUS_CONTROL_C_EXIT",
        0xC0000142 => "STATUS_DLL_INIT_FAILED",
        0xC0000374 => "STATUS_HEAP_CORRUPTION",
        0xC0000409 => "STATUS_STACK_BUFFER_OVERRUN",
        0xC0000420 => "STATUS_ASSERTION_FAILURE",
        0xC0000602 => "STATUS_FAIL_FAST_EXCEPTION",
        0xE0434352 => "unhandled exception",     // of managed code
        0xE06D7363 => "unhandled C++ exception",
        >= FirstError and <= LastError => string.Create(CultureInfo.InvariantCulture, $"0x{exitCode:X8}"),
        _ => null,
    };
}
