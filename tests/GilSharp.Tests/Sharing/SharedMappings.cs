using GilSharp.Sharing;

namespace GilSharp.Tests.Sharing;

/// <summary>What a process holds of shared arrays, as the kernel sees it.</summary>
internal static class SharedMappings
{
    private const string Name = "gilsharp-array";

    /// <summary>Mappings and descriptors of this process, together; lent memory for large payloads counts too until it is given back.</summary>
    internal static int Count() =>
        File.ReadLines("/proc/self/maps").Count(static line => line.Contains(Name, StringComparison.Ordinal)) + Descriptors();

    internal static int Descriptors() => Directory.GetFiles("/proc/self/fd").Count(static descriptor =>
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName.Contains(Name, StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            return false; // closed meanwhile
        }
    });

    /// <summary>What the library believes.</summary>
    internal static int Regions() => SharedRegion.Mapped;
}
