using System.Runtime.InteropServices;
using GilSharp.Ipc.Unix;

namespace GilSharp.Ipc;

/// <summary>Memory without a name that a child inherits by descriptor: nothing on disk, nothing to clean up.</summary>
internal static unsafe class SharedMemory
{
    private const int AccessOfOwnerOnly = 0x180; // rw-------

    /// <exception cref="IOException">Neither memory nor a file to stand in for it could be had.</exception>
    internal static int Create(string name, int length)
    {
        int descriptor = Libc.memfd_create(name, Libc.MFD_CLOEXEC);
        if (descriptor < 0 && SystemLimitException.IsLimit(Marshal.GetLastPInvokeError())) throw Failure("create", Marshal.GetLastPInvokeError());
        if (descriptor < 0) descriptor = CreateUnlinkedFile(name);
        if (Libc.ftruncate(descriptor, length) == 0) return descriptor;
        int error = Marshal.GetLastPInvokeError();
        Libc.close(descriptor);
        throw Failure("size", error);
    }

    internal static byte* Map(int descriptor, int length)
    {
        nint address = Libc.mmap(0, (nuint)length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, descriptor, 0);
        return address == -1 ? throw Failure("map", Marshal.GetLastPInvokeError()) : (byte*)address;
    }

    // Where seccomp forbids memfd_create: a file that has lost its name before anybody can see it.
    private static int CreateUnlinkedFile(string name)
    {
        const int CreateExclusively = 0x40 | 0x80;
        string path = Path.Combine(Path.GetTempPath(), $"{name}-{Guid.NewGuid():N}");
        int descriptor = Libc.open(path, Libc.O_RDWR | CreateExclusively | Libc.O_CLOEXEC, AccessOfOwnerOnly);
        if (descriptor < 0) throw Failure("create", Marshal.GetLastPInvokeError());
        File.Delete(path);
        return descriptor;
    }

    private static IOException Failure(string step, int error) =>
        SystemLimitException.For($"Shared memory for a worker could not be had ({step}): {Marshal.GetPInvokeErrorMessage(error)}", error);
}
