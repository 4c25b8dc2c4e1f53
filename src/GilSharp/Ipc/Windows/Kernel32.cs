using System.Runtime.InteropServices;

namespace GilSharp.Ipc.Windows;

/// <summary>The functions of Windows that a pool needs, and their structures as the Windows SDK declares them.</summary>
internal static unsafe partial class Kernel32
{
    internal const uint HANDLE_FLAG_INHERIT = 1;
    internal const uint CP_UTF8 = 65001;
    internal const uint PIPE_NOWAIT = 1;
    internal const uint PAGE_READWRITE = 4, FILE_MAP_WRITE = 2;
    internal const uint GENERIC_READ = 0x80000000, FILE_SHARE_READ = 1, FILE_SHARE_WRITE = 2, OPEN_EXISTING = 3;
    internal const uint STARTF_USESTDHANDLES = 0x100;
    internal const uint EXTENDED_STARTUPINFO_PRESENT = 0x80000, CREATE_UNICODE_ENVIRONMENT = 0x400, CREATE_NO_WINDOW = 0x8000000;
    internal const nuint PROC_THREAD_ATTRIBUTE_HANDLE_LIST = 0x20002, PROC_THREAD_ATTRIBUTE_JOB_LIST = 0x2000D;
    internal const int JobObjectExtendedLimitInformation = 9;
    internal const uint JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE = 0x2000;
    internal const uint WAIT_OBJECT_0 = 0, INFINITE = uint.MaxValue;
    internal const int ERROR_TOO_MANY_OPEN_FILES = 4, ERROR_NOT_ENOUGH_MEMORY = 8, ERROR_OUTOFMEMORY = 14, ERROR_NO_SYSTEM_RESOURCES = 1450;
    internal const int ERROR_COMMITMENT_LIMIT = 1455, ERROR_NOT_ENOUGH_QUOTA = 1816;

    [StructLayout(LayoutKind.Sequential)]
    internal struct StartupInfo
    {
        internal uint Size;
        internal nint Reserved, Desktop, Title;
        internal uint X, Y, XSize, YSize, XCountChars, YCountChars, FillAttribute, Flags;
        internal ushort ShowWindow, Reserved2Size;
        internal nint Reserved2, Input, Output, Error;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct StartupInfoEx
    {
        internal StartupInfo Info;
        internal nint AttributeList;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ProcessInformation
    {
        internal nint Process, Thread;
        internal uint ProcessId, ThreadId;
    }

    /// <summary>JOBOBJECT_EXTENDED_LIMIT_INFORMATION.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ExtendedLimits
    {
        internal long PerProcessUserTimeLimit, PerJobUserTimeLimit;
        internal uint LimitFlags;
        internal nuint MinimumWorkingSetSize, MaximumWorkingSetSize;
        internal uint ActiveProcessLimit;
        internal nuint Affinity;
        internal uint PriorityClass, SchedulingClass;
        internal ulong ReadOperations, WriteOperations, OtherOperations, ReadTransfers, WriteTransfers, OtherTransfers;
        internal nuint ProcessMemoryLimit, JobMemoryLimit, PeakProcessMemoryUsed, PeakJobMemoryUsed;
    }

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial int CreatePipe(nint* read, nint* write, void* security, uint size);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial int SetNamedPipeHandleState(nint pipe, uint* mode, uint* maxCollectionCount, uint* collectDataTimeout);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial int PeekNamedPipe(nint pipe, void* buffer, uint size, uint* read, uint* available, uint* left);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial int ReadFile(nint file, byte* buffer, uint count, uint* read, void* overlapped);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial int WriteFile(nint file, byte* buffer, uint count, uint* written, void* overlapped);

    [LibraryImport("kernel32", EntryPoint = "CreateFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    internal static partial nint CreateFile(string name, uint access, uint share, void* security, uint disposition, uint flags, nint template);

    [LibraryImport("kernel32", EntryPoint = "CreateEventW", SetLastError = true)]
    internal static partial nint CreateEvent(void* security, int manualReset, int initialState, char* name);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial int SetEvent(nint handle);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial uint WaitForSingleObject(nint handle, uint milliseconds);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial uint WaitForMultipleObjects(uint count, nint* handles, int waitAll, uint milliseconds);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial int SetHandleInformation(nint handle, uint mask, uint flags);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial int CloseHandle(nint handle);

    [LibraryImport("kernel32", EntryPoint = "CreateFileMappingW", SetLastError = true)]
    internal static partial nint CreateFileMapping(nint file, void* security, uint protection, uint sizeHigh, uint sizeLow, char* name);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial byte* MapViewOfFile(nint mapping, uint access, uint offsetHigh, uint offsetLow, nuint count);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial int UnmapViewOfFile(byte* address);

    [LibraryImport("kernel32", EntryPoint = "CreateJobObjectW", SetLastError = true)]
    internal static partial nint CreateJobObject(void* security, char* name);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial int SetInformationJobObject(nint job, int kind, void* information, uint length);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial int TerminateJobObject(nint job, uint exitCode);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial int InitializeProcThreadAttributeList(void* list, uint count, uint flags, nuint* size);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial int UpdateProcThreadAttribute(void* list, uint flags, nuint attribute, void* value, nuint size, void* previous, void* returned);

    [LibraryImport("kernel32")]
    internal static partial void DeleteProcThreadAttributeList(void* list);

    [LibraryImport("kernel32", EntryPoint = "CreateProcessW", SetLastError = true)]
    internal static partial int CreateProcess(
        char* program, char* commandLine, void* processSecurity, void* threadSecurity, int inheritHandles, uint flags, char* environment, char* folder,
        StartupInfoEx* startup, ProcessInformation* information);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial int GetExitCodeProcess(nint process, uint* exitCode);

    [LibraryImport("kernel32")]
    internal static partial nint GetCurrentProcess();

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial int TerminateProcess(nint process, uint exitCode);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial int SetConsoleOutputCP(uint codePage);

    [LibraryImport("msvcrt")]
    internal static partial nint strlen(nint text);
}
