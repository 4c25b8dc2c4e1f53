using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;

[assembly: MetadataUpdateHandler(typeof(GilSharp.Serialization.HotReload))]

namespace GilSharp.Serialization;

/// <summary>Remembers which assemblies hot reload has changed: their files, which workers load, are older.</summary>
internal static class HotReload
{
    private static volatile bool s_any;

    /// <summary>Whether any has.</summary>
    public static bool HasHappened => s_any;

    /// <summary>What to tell the caller, behind "its assembly …".</summary>
    public static string Reason(Assembly assembly) =>
        $"its assembly {AssemblyCatalog.FactsOf(assembly).Name} (module version id {assembly.ManifestModule.ModuleVersionId}) was changed by hot reload, and a worker loads the file. Restart the program.";

    public static bool HasChanged(Assembly assembly) => s_any && Changed.Assemblies.TryGetValue(assembly, out _);

    /// <summary>Called by the runtime after each update.</summary>
    internal static void UpdateApplication(Type[]? updatedTypes)
    {
        foreach (Type type in updatedTypes ?? [])
            Changed.Assemblies.AddOrUpdate(type.Assembly, type);

        s_any = true;
        FunctionPlan.Forget();
    }

    // On its own: a worker asks whether there is one, and never needs what makes it.
    private static class Changed
    {
        internal static readonly ConditionalWeakTable<Assembly, object> Assemblies = [];
    }
}
