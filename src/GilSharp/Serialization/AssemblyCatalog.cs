using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace GilSharp.Serialization;

/// <summary>The assemblies that bytes may name: those of the program, and those loaded already. Nothing else is ever loaded for a payload.</summary>
internal static class AssemblyCatalog
{
    private static readonly ConditionalWeakTable<Assembly, AssemblyFacts> Facts = [];
    private static readonly Dictionary<string, WeakReference<Assembly>> Found = []; // guarded by itself
    private static HashSet<string>? s_program;

    /// <summary>Whether an assembly belongs to .NET: the same on both sides without asking.</summary>
    public static bool IsPlatform(Assembly assembly) => FactsOf(assembly).IsPlatform;

    public static AssemblyFacts FactsOf(Assembly assembly) => Facts.TryGetValue(assembly, out AssemblyFacts? facts) ? facts : Facts.GetOrAdd(assembly, new AssemblyFacts(assembly));

    /// <summary>Whether the program's own list names the assembly, so that a worker finds it by name.</summary>
    public static bool IsOfProgram(string name)
    {
        if (s_program is null)
        {
            var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            string list = AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "";
            foreach (string part in list.Split(Path.PathSeparator))
                names.Add(Path.GetFileNameWithoutExtension(part));

            s_program = names;
        }

        // Ahead-of-time compiled programs have no list and no files either: what isn't in the image is not found.
        // Nor do single-file programs list what they contain: there names are looked up in the file itself.
        return s_program.Contains(name) || s_program.Count <= 1 || IsSingleFile();
    }

    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "Empty in a single file: that is what is asked.")]
    private static bool IsSingleFile() => typeof(AssemblyCatalog).Assembly.Location.Length == 0;

    /// <summary>Finds an assembly among those of the program and those loaded.</summary>
    /// <exception cref="CallSerializationException">It is not there, or is another build.</exception>
    public static Assembly Resolve(string name, Guid version)
    {
        WeakReference<Assembly>? found;
        lock (Found) Found.TryGetValue(name, out found);
        if (found is not null && found.TryGetTarget(out Assembly? assembly) && Matches(assembly, version, out _))
            return assembly;

        assembly = Find(name, version, out Guid other);
        if (assembly is null)
        {
            throw new CallSerializationException(
                other == Guid.Empty
                    ? $"The assembly {name} is not part of this process's program and is not loaded here. Call a function of that assembly, or load it in ProcessPoolOptions.Initializer."
                    : $"The assembly {name} is another build here: module version id {other} here, {version} there. Rebuild and restart the program.");
        }

        if (!assembly.IsCollectible)
            lock (Found) Found[name] = new WeakReference<Assembly>(assembly);

        return assembly;
    }

    /// <summary>Finds an assembly that a function's identity names, loading it from its file if it is not of the program.</summary>
    public static Assembly Resolve(string name, Guid version, string path)
    {
        if (Find(name, version, out _) is { } known)
            return known;

        Assembly loaded;
        try
        {
            loaded = Plugins.MainOf(path);
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CallSerializationException($"The assembly {name} can't be loaded from {path}: {e.Message}", e);
        }

        Guid actual = loaded.ManifestModule.ModuleVersionId;
        return actual == version
            ? loaded
            : throw new CallSerializationException($"The assembly {name} at {path} has changed: module version id {actual} in the file, {version} in the caller. Restart the program.");
    }

    // Not a display name, nor a path. A loop: a vectorised search would have to be compiled before a worker's first call.
    private static bool IsPlainName(string name)
    {
        foreach (char character in name)
            if (character is ',' or '=' or '"' or '\\' or '/') return false;
        return true;
    }

    private static Assembly? Find(string name, Guid version, out Guid other)
    {
        other = Guid.Empty;
        if (LoadOfProgram(name) is { } own && Matches(own, version, out other))
            return own;

        foreach (Assembly assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            if (assembly.IsDynamic || !string.Equals(FactsOf(assembly).Name, name, StringComparison.Ordinal))
                continue;

            if (Matches(assembly, version, out other))
                return assembly;
        }

        return null;
    }

    // Before all that are loaded are asked for their names: a worker has nearly always been sent here for one of the program's.
    private static Assembly? LoadOfProgram(string name)
    {
        if (!IsOfProgram(name) || !IsPlainName(name))
            return null;

        try
        {
            return Assembly.Load(new AssemblyName { Name = name });
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or ArgumentException)
        {
            return null;
        }
    }

    private static bool Matches(Assembly assembly, Guid version, out Guid actual)
    {
        actual = FactsOf(assembly).Version;
        return actual == version;
    }

    // On its own, as every class here that few processes need: what makes it would have to be loaded before a worker's first call.
    private static class Plugins
    {
        private static readonly ConcurrentDictionary<string, PluginContext> ByPath = new(StringComparer.Ordinal);

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static Assembly MainOf(string path) => ByPath.GetOrAdd(path, static path => new PluginContext(path)).Main;
    }

    /// <summary>Where an assembly from outside the program is loaded, with what its own deps.json names beside it.</summary>
    private sealed class PluginContext : AssemblyLoadContext
    {
        private readonly AssemblyDependencyResolver _resolver;

        public PluginContext(string path)
            : base("GilSharp: " + path)
        {
            _resolver = new AssemblyDependencyResolver(path);
            Main = LoadFrom(path);
        }

        public Assembly Main { get; }

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            // What the program has too is shared, so that its types are the same types.
            return assemblyName.Name is { } name && !IsOfProgram(name) && _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFrom(path) : null;
        }

        protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
            _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;

        [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Assemblies from outside the program can't be in a trimmed one; there the file is not found and the call is refused.")]
        private Assembly LoadFrom(string path) => LoadFromAssemblyPath(path);
    }
}

/// <summary>What is asked of an assembly again and again.</summary>
internal sealed class AssemblyFacts
{
    public AssemblyFacts(Assembly assembly)
    {
        Name = assembly.GetName().Name ?? "";
        IsPlatform = Name.StartsWith("System.", StringComparison.Ordinal) || Name.StartsWith("Microsoft.", StringComparison.Ordinal)
            || Name is "System" or "mscorlib" or "netstandard" or "WindowsBase";

        // .NET itself may be serviced between the start of the parent and of a worker, without harm: nothing of it travels by raw layout or token.
        Version = Name.StartsWith("System.", StringComparison.Ordinal) || assembly.IsDynamic ? Guid.Empty : assembly.ManifestModule.ModuleVersionId;
        Location = LocationOf(assembly);
    }

    public string Name { get; }

    public bool IsPlatform { get; }

    /// <summary>The module version id; empty for .NET itself.</summary>
    public Guid Version { get; }

    /// <summary>The file; empty in single-file programs and for assemblies loaded from memory.</summary>
    public string Location { get; }

    /// <summary>The file that a worker must be told, because the program's own list does not name it.</summary>
    public string? PathToSend => Location.Length > 0 && !IsPlatform && !AssemblyCatalog.IsOfProgram(Name) ? Location : null;

    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "An empty location is what single-file programs are told apart by.")]
    private static string LocationOf(Assembly assembly) => assembly.IsDynamic ? "" : assembly.Location;
}
