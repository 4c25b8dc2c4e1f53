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
    /// <summary>The best way to try; tests that stand for a container which forbids a way set it.</summary>
    [ThreadStatic]
    private static SharedMemoryKind t_bestForTest;

    internal static SharedMemoryKind BestForTest
    {
        get => t_bestForTest;
        set => t_bestForTest = value;
    }

    /// <exception cref="IOException">Neither memory nor a file to stand in for it could be had.</exception>
    internal static int Create(string name, int length) => HostSystem.Current.CreateMemory(name, length);

    /// <summary>As <see cref="Create"/>, but all pages are there from the beginning, so that none is missing later, and the size can't change.</summary>
    /// <exception cref="InsufficientMemoryException">There is not so much memory, or not so much room for a file.</exception>
    /// <exception cref="IOException">Neither memory nor a file to stand in for it could be had.</exception>
    internal static int Reserve(string name, long length, out SharedMemoryKind kind) => HostSystem.Current.ReserveMemory(name, length, out kind);

    /// <summary>How long the memory behind a descriptor is.</summary>
    internal static long LengthOf(int descriptor) => HostSystem.Current.LengthOf(descriptor);

    /// <exception cref="IOException">The address space does not take it.</exception>
    internal static byte* Map(int descriptor, int length) => HostSystem.Current.Map(descriptor, length, populate: false);

    /// <param name="descriptor">The memory.</param>
    /// <param name="length">How much of it, in bytes.</param>
    /// <param name="populate">Its pages are wanted at once.</param>
    /// <exception cref="IOException">The address space does not take it.</exception>
    internal static byte* Map(int descriptor, long length, bool populate) => HostSystem.Current.Map(descriptor, length, populate);

    /// <summary>Memory of this process that is about to be filled for the first time: in few large pages rather than many small ones, where the system has them.</summary>
    /// <remarks>Of a copy into a fresh array, two thirds of the time are page faults (docs/benchmarks/payload.md). Advice only: it changes no content.</remarks>
    internal static void ExpectFilling(byte* start, long length) => HostSystem.Current.ExpectFilling(start, length);
}
