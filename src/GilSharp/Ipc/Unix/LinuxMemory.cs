using System.Runtime.InteropServices;

namespace GilSharp.Ipc.Unix;

/// <summary>Memory that Linux lets several processes see.</summary>
internal static unsafe class LinuxMemory
{
    private const int AccessOfOwnerOnly = 0x180; // rw-------
    private const string MemoryFiles = "/dev/shm";

    /// <exception cref="IOException">Neither memory nor a file to stand in for it could be had.</exception>
    internal static int Create(string name, int length) => UnixSystem.Sized(Open(name, out _), length);

    /// <summary>With all of its pages, and of a size that can't change.</summary>
    /// <exception cref="InsufficientMemoryException">There is not so much memory, or not so much room for a file.</exception>
    /// <exception cref="IOException">Neither memory nor a file to stand in for it could be had.</exception>
    internal static int Reserve(string name, long length, out SharedMemoryKind kind)
    {
        int descriptor = Open(name, out kind);
        int error;
        do error = Libc.posix_fallocate(descriptor, 0, (nint)length);
        while (error == Libc.EINTR);
        if (error == 0)
        {
            // Only memfd has seals; whoever holds a descriptor of a file is trusted.
            if (kind == SharedMemoryKind.Anonymous) _ = Libc.fcntl(descriptor, Libc.F_ADD_SEALS, Libc.F_SEAL_SHRINK | Libc.F_SEAL_GROW | Libc.F_SEAL_SEAL);
            return descriptor;
        }

        Libc.close(descriptor);
        throw error is Libc.ENOSPC or Libc.ENOMEM
            ? new InsufficientMemoryException($"{length:N0} bytes of shared memory could not be reserved: {Marshal.GetPInvokeErrorMessage(error)}.")
            : UnixSystem.MemoryFailure("reserve", error);
    }

    /// <summary>In large pages, where enough of them fit.</summary>
    internal static void ExpectFilling(byte* start, long length)
    {
        const long LargePage = 2 << 20;
        long first = ((long)start + LargePage - 1) & -LargePage;
        long end = ((long)start + length) & -LargePage;
        if (end - first >= 2 * LargePage) _ = Libc.madvise((nint)first, (nuint)(end - first), Libc.MADV_HUGEPAGE);
    }

    // Where seccomp forbids memfd_create: a file that has lost its name before anybody can see it.
    private static int Open(string name, out SharedMemoryKind kind)
    {
        SharedMemoryKind best = SharedMemory.BestForTest;
        kind = SharedMemoryKind.Anonymous;
        int descriptor = best > kind ? -1 : Libc.memfd_create(name, Libc.MFD_CLOEXEC | Libc.MFD_ALLOW_SEALING);
        if (descriptor >= 0) return descriptor;
        kind = SharedMemoryKind.MemoryFile;
        if (best <= kind && Directory.Exists(MemoryFiles) && (descriptor = OpenUnlinkedFile(MemoryFiles, name)) >= 0) return descriptor;
        kind = SharedMemoryKind.DiskFile;
        descriptor = OpenUnlinkedFile(Path.GetTempPath(), name);
        return descriptor >= 0 ? descriptor : throw UnixSystem.MemoryFailure("create", Marshal.GetLastPInvokeError());
    }

    private static int OpenUnlinkedFile(string directory, string name)
    {
        const int CreateExclusively = 0x40 | 0x80;
        string path = Path.Combine(directory, $"{name}-{Guid.NewGuid():N}");
        int descriptor = Libc.open(path, Libc.O_RDWR | CreateExclusively | Libc.O_CLOEXEC, AccessOfOwnerOnly);
        if (descriptor >= 0) File.Delete(path);
        return descriptor;
    }
}
