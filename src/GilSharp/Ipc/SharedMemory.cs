using System.Runtime.InteropServices;
using GilSharp.Ipc.Unix;

namespace GilSharp.Ipc;

/// <summary>Where shared memory comes from.</summary>
internal enum SharedMemoryKind : byte
{
    /// <summary>memfd: memory that never had a name.</summary>
    Anonymous,

    /// <summary>A file in /dev/shm, which is memory, that has lost its name.</summary>
    MemoryFile,

    /// <summary>A file on disk that has lost its name: works, but the system writes it out.</summary>
    DiskFile,
}

/// <summary>Memory without a name that other processes get by descriptor: nothing on disk, nothing to clean up.</summary>
internal static unsafe class SharedMemory
{
    private const int AccessOfOwnerOnly = 0x180; // rw-------
    private const string MemoryFiles = "/dev/shm";

    /// <summary>The best way to try; tests that stand for a container which forbids a way set it.</summary>
    [ThreadStatic]
    private static SharedMemoryKind t_bestForTest;

    internal static SharedMemoryKind BestForTest
    {
        get => t_bestForTest;
        set => t_bestForTest = value;
    }

    /// <exception cref="IOException">Neither memory nor a file to stand in for it could be had.</exception>
    internal static int Create(string name, int length)
    {
        int descriptor = Open(name, out _);
        if (Libc.ftruncate(descriptor, length) == 0) return descriptor;
        int error = Marshal.GetLastPInvokeError();
        Libc.close(descriptor);
        throw Failure("size", error);
    }

    /// <summary>As <see cref="Create"/>, but all pages are there from the beginning, so that none is missing later, and the size can't change.</summary>
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
            : Failure("reserve", error);
    }

    /// <summary>How long the memory behind a descriptor is.</summary>
    internal static long LengthOf(int descriptor) => Libc.lseek(descriptor, 0, Libc.SEEK_END);

    internal static byte* Map(int descriptor, int length) => Map(descriptor, (long)length, populate: false);

    /// <param name="descriptor">The memory.</param>
    /// <param name="length">How much of it, in bytes.</param>
    /// <param name="populate">Its pages are wanted at once.</param>
    /// <exception cref="IOException">The address space does not take it.</exception>
    internal static byte* Map(int descriptor, long length, bool populate)
    {
        int flags = Libc.MAP_SHARED | (populate ? Libc.MAP_POPULATE : 0);
        nint address = Libc.mmap(0, (nuint)length, Libc.PROT_READ | Libc.PROT_WRITE, flags, descriptor, 0);
        return address == -1 ? throw Failure("map", Marshal.GetLastPInvokeError()) : (byte*)address;
    }

    /// <summary>Memory of this process that is about to be filled for the first time: in few large pages rather than many small ones, where the system has them.</summary>
    /// <remarks>Of a copy into a fresh array, two thirds of the time are page faults (docs/benchmarks/payload.md). Advice only: it changes no content.</remarks>
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
        kind = SharedMemoryKind.Anonymous;
        int descriptor = t_bestForTest > kind ? -1 : Libc.memfd_create(name, Libc.MFD_CLOEXEC | Libc.MFD_ALLOW_SEALING);
        if (descriptor >= 0) return descriptor;
        kind = SharedMemoryKind.MemoryFile;
        if (t_bestForTest <= kind && Directory.Exists(MemoryFiles) && (descriptor = OpenUnlinkedFile(MemoryFiles, name)) >= 0) return descriptor;
        kind = SharedMemoryKind.DiskFile;
        descriptor = OpenUnlinkedFile(Path.GetTempPath(), name);
        return descriptor >= 0 ? descriptor : throw Failure("create", Marshal.GetLastPInvokeError());
    }

    private static int OpenUnlinkedFile(string directory, string name)
    {
        const int CreateExclusively = 0x40 | 0x80;
        string path = Path.Combine(directory, $"{name}-{Guid.NewGuid():N}");
        int descriptor = Libc.open(path, Libc.O_RDWR | CreateExclusively | Libc.O_CLOEXEC, AccessOfOwnerOnly);
        if (descriptor >= 0) File.Delete(path);
        return descriptor;
    }

    private static IOException Failure(string step, int error) =>
        SystemLimitException.For($"Shared memory could not be had ({step}): {Marshal.GetPInvokeErrorMessage(error)}", error);
}
