using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;

namespace GilSharp.Serialization;

/// <summary>
/// The types whose fields are all there in a NativeAOT program. Trimming takes a field's name away without a trace, and an object sent
/// without it would arrive changed; so that only what the package's source generator has kept, and has listed, may travel by its fields, and of .NET
/// <see cref="KeptPlatformTypes"/>.
/// </summary>
internal static class KeptTypes
{
    /// <summary>The class in which the compiler puts them has no fields to lose.</summary>
    private const string LambdasWithoutVariables = "<>c";

    /// <summary>As the generator writes it into the metadata of the assembly.</summary>
    private const string Key = "GilSharp.KeptForWorkers";

    /// <summary>This program was compiled ahead of time: there are no metadata tokens, and no fields but those that something has kept.</summary>
    public static readonly bool Matter = HasNoTokens();

    /// <exception cref="CallSerializationException">Fields of the type may have been trimmed.</exception>
    public static void EnsureWhole(Type type)
    {
        if (MayLackFields(type))
            throw CallSerializationException.Refused(type, "this program was compiled ahead of time, and its fields may have been trimmed. " + WayOut(type));
    }

    private static string WayOut(Type type) => type.IsAssignableTo(typeof(IPayloadSerializer))
        ? "Declare it as an IPayloadSerializer, by name, in a project that sets PublishAot or IsAotCompatible and references the package: its generator keeps it there."
        : "Write the lambda directly in the call, where the package's generator sees it; pass unmanaged values, strings and arrays; or set ProcessPoolOptions.Serializer.";

    /// <summary>True where reflection may show fewer fields than the type has.</summary>
    public static bool MayLackFields(Type type) =>
        Matter && type.Name != LambdasWithoutVariables && !(AssemblyCatalog.IsPlatform(type.Assembly) ? KeptPlatformTypes.Contains(type) : Contains(type));

    /// <summary>True for a type that was kept, or that is nested in one, as the compiler's classes of captured variables are.</summary>
    public static bool Contains(Type type)
    {
        FrozenSet<string> kept = Listed.OfAssembly.GetOrAdd(type.Assembly, static assembly =>
            assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Where(entry => entry.Key == Key).Select(entry => entry.Value!).ToFrozenSet());
        if (kept.Count == 0) return false;
        for (Type? outer = type; outer is not null; outer = outer.DeclaringType)
            if (kept.Contains(NameOf(outer)))
                return true;
        return false;
    }

    // As documentation comments write it: the generator names types in the way that the trimmer reads them.
    private static string NameOf(Type type) =>
        (type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private static bool HasNoTokens()
    {
        try
        {
            return typeof(KeptTypes).MetadataToken == 0;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    // On its own: only programs that were compiled ahead of time need what it is made of.
    private static class Listed
    {
        internal static readonly ConcurrentDictionary<Assembly, FrozenSet<string>> OfAssembly = new();
    }
}
