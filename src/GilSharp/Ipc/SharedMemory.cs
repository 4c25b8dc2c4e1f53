namespace GilSharp.Ipc;

/// <summary>Memory without a name that a child inherits by descriptor: nothing on disk, nothing to clean up.</summary>
internal static unsafe class SharedMemory
{
    /// <exception cref="IOException">Neither memory nor a file to stand in for it could be had.</exception>
    internal static int Create(string name, int length) => HostSystem.Current.CreateMemory(name, length);

    /// <exception cref="IOException">It could not be mapped.</exception>
    internal static byte* Map(int descriptor, int length) => HostSystem.Current.Map(descriptor, length);
}
