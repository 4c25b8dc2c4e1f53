using System.Reflection;
using System.Runtime.Loader;

namespace GilSharp.Races.Weaving;

/// <summary>A copy of the woven library, of the seam and of the scenarios, with statics of their own: several explore side by side.</summary>
internal sealed class Universe : AssemblyLoadContext
{
    private static readonly Lazy<(byte[] Image, string[] Sites)> Woven = new(static () =>
    {
        using Weaver weaver = new(LibraryPath!, SeamPath!);
        byte[] image = weaver.Weave();
        return (image, [.. weaver.Sites]);
    });

    private readonly Func<string[], string[]> _door;

    internal Universe()
        : base("explored")
    {
        Assembly copy = LoadFromAssemblyPath(SeamPath);
        Type laboratory = copy.GetType("GilSharp.Races.Exploring.Laboratory", throwOnError: true)!;
        laboratory.GetMethod("Open", BindingFlags.Static | BindingFlags.NonPublic)!.Invoke(null, [Woven.Value.Sites]);
        _door = laboratory.GetMethod("Answer", BindingFlags.Static | BindingFlags.NonPublic)!.CreateDelegate<Func<string[], string[]>>();
    }

    internal static string LibraryPath { get; } = typeof(GlobalInterpreterLock).Assembly.Location;

    internal static string SeamPath { get; } = typeof(Universe).Assembly.Location;

    internal static string[] Sites => Woven.Value.Sites;

    internal Exploring.Findings Explore(Exploring.Assignment assignment) => Exploring.Findings.Read(_door(assignment.Write()));

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name == "GilSharp")
            return LoadFromStream(new MemoryStream(Woven.Value.Image));
        return assemblyName.Name == typeof(Universe).Assembly.GetName().Name ? LoadFromAssemblyPath(SeamPath) : null;
    }
}
