using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>Names types on the wire: assembly, module version id, full name, token. Names resolve only within <see cref="AssemblyCatalog"/>.</summary>
internal static class TypeIdentity
{
    private const byte Known = 0;
    private const byte Named = 1;
    private const byte NamedWithPath = 2;
    private const byte Generic = 3;
    private const byte Vector = 4;
    private const byte Grid = 5;
    private const byte KnownDelegate = 6;

    private const int DepthLimit = 32;
    private const int ArgumentLimit = 64;
    private const int CachedAtMost = 4096;

    private static readonly ConditionalWeakTable<Type, byte[]> Written = [];
    private static int s_cached;

    /// <summary>The identity of a type, without paths.</summary>
    public static byte[] Of(Type type)
    {
        if (Written.TryGetValue(type, out byte[]? bytes))
            return bytes;

        ByteSink sink = ByteSink.Rent();
        try
        {
            var writer = new GraphWriter(sink);
            Write(ref writer, type, withPaths: false);
            writer.Flush();
            return Written.GetOrAdd(type, sink.Written.ToArray());
        }
        finally
        {
            sink.Return();
        }
    }

    /// <exception cref="CallSerializationException">The bytes name no type that is known here.</exception>
    public static Type Resolve(ReadOnlySpan<byte> identity)
    {
        if (Resolved.BySpan.TryGetValue(identity, out Type? known))
            return known;

        var reader = new GraphReader(identity);
        Type type = Read(ref reader, withPaths: false);
        reader.EnsureAtEnd();
        if (!type.IsCollectible && Interlocked.Increment(ref s_cached) <= CachedAtMost)
            Resolved.Types[new ByteKey(identity.ToArray())] = type;

        return type;
    }

    public static void Write(ref GraphWriter writer, Type type, bool withPaths)
    {
        if (KnownTypes.NumberOf(type) is var number && number != 0)
        {
            writer.WriteByte(Known);
            writer.WriteByte((byte)number);
        }
        else if (KnownTypes.NumberOfDelegate(type) is var shape && shape != 0)
        {
            writer.WriteByte(KnownDelegate);
            writer.WriteByte((byte)shape);
        }
        else if (type.IsSZArray)
        {
            writer.WriteByte(Vector);
            Write(ref writer, type.GetElementType()!, withPaths);
        }
        else if (type.IsArray)
        {
            writer.WriteByte(Grid);
            writer.WriteByte((byte)type.GetArrayRank());
            Write(ref writer, type.GetElementType()!, withPaths);
        }
        else if (type.IsConstructedGenericType)
        {
            Type[] arguments = type.GetGenericArguments();
            writer.WriteByte(Generic);
            Write(ref writer, type.GetGenericTypeDefinition(), withPaths);
            writer.WriteByte((byte)arguments.Length);
            foreach (Type argument in arguments)
                Write(ref writer, argument, withPaths);
        }
        else
        {
            WriteNamed(ref writer, type, withPaths);
        }
    }

    public static Type Read(ref GraphReader reader, bool withPaths) => Read(ref reader, withPaths, 0);

    private static void WriteNamed(ref GraphWriter writer, Type type, bool withPaths)
    {
        if (type.FullName is null || type.IsGenericParameter || type.IsByRef || type.IsPointer || type.IsFunctionPointer)
            throw CallSerializationException.Refused(type, "a type like this has no name that travels.");

        Assembly assembly = type.Assembly;
        AssemblyFacts facts = AssemblyCatalog.FactsOf(assembly);
        if (assembly.IsDynamic)
            throw CallSerializationException.Refused(type, "it was generated at run time and is in no file that a worker could load.");

        if (facts.Location.Length == 0 && !AssemblyCatalog.IsOfProgram(facts.Name))
            throw CallSerializationException.Refused(type, $"its assembly {facts.Name} was loaded from memory (a script cell, say) and is in no file that a worker could load. Compile it into a file.");

        string? path = withPaths ? facts.PathToSend : null;
        writer.WriteByte(path is null ? Named : NamedWithPath);
        writer.WriteString(facts.Name);
        writer.WriteRaw(facts.Version.ToByteArray());
        if (path is not null)
            writer.WriteString(path);

        writer.WriteString(type.FullName);
        writer.WriteUnmanaged(facts.IsPlatform ? 0 : Mirror.TokenOf(type));
    }

    private static Type Read(ref GraphReader reader, bool withPaths, int depth)
    {
        if (depth > DepthLimit)
            throw CallSerializationException.Malformed("a type is nested too deep");

        byte kind = reader.ReadByte();
        switch (kind)
        {
            case Known:
                byte number = reader.ReadByte();
                return number >= 1 && number <= KnownTypes.Count ? KnownTypes.Numbered(number) : throw CallSerializationException.Malformed($"there is no known type {number}");
            case KnownDelegate:
                byte shape = reader.ReadByte();
                return KnownTypes.DelegateNumbered(shape) ?? throw CallSerializationException.Malformed($"there is no known delegate {shape}");
            case Vector:
                return Checked(Read(ref reader, withPaths, depth + 1), Mirror.ArrayOf);
            case Grid:
                int rank = reader.ReadByte();
                if (rank is < 1 or > 32)
                    throw CallSerializationException.Malformed($"an array has {rank} dimensions");

                return Checked(Read(ref reader, withPaths, depth + 1), element => Mirror.ArrayOf(element, rank));
            case Generic:
                return ReadGeneric(ref reader, withPaths, depth);
            case Named:
            case NamedWithPath when withPaths:
                return ReadNamed(ref reader, kind == NamedWithPath);
            default:
                throw CallSerializationException.Malformed($"there is no kind of type {kind}");
        }
    }

    private static Type ReadGeneric(ref GraphReader reader, bool withPaths, int depth)
    {
        Type definition = Read(ref reader, withPaths, depth + 1);
        int count = reader.ReadByte();
        if (count is 0 or > ArgumentLimit || !definition.IsGenericTypeDefinition)
            throw CallSerializationException.Malformed($"{definition} is given {count} type arguments");

        var arguments = new Type[count];
        for (int i = 0; i < count; i++)
            arguments[i] = Read(ref reader, withPaths, depth + 1);

        return Checked(definition, type => Mirror.Construct(type, arguments));
    }

    private static Type ReadNamed(ref GraphReader reader, bool hasPath)
    {
        string assemblyName = reader.ReadText();
        Guid version = new(reader.ReadRaw(16));
        string? path = hasPath ? reader.ReadText() : null;
        string name = reader.ReadText();
        Assembly assembly = path is null ? AssemblyCatalog.Resolve(assemblyName, version) : AssemblyCatalog.Resolve(assemblyName, version, path);

        // A plain name only: brackets and commas would let a name construct types and load assemblies by itself.
        int token = reader.ReadUnmanaged<int>();
        Type? type = name.Length > 0 && IsPlainName(name) ? Find(assembly, token, name) : null;
        return type ?? throw CallSerializationException.Malformed($"there is no type {name} in {assemblyName}");
    }

    // By its token, which is that of the same build: a search by name would have to be compiled before a worker's first call. The name decides.
    private static Type? Find(Assembly assembly, int token, string name)
    {
        try
        {
            return token != 0 && Mirror.TypeIn(assembly.ManifestModule, token) is { } type && type.FullName == name ? type : Mirror.TypeIn(assembly, name);
        }
        catch (Exception e) when (e is ArgumentException or TypeLoadException or IOException or BadImageFormatException)
        {
            return null; // a name that the runtime's parser refuses, or whose base type can't be loaded
        }
    }

    // A loop: a vectorised search would have to be compiled before a worker's first call.
    private static bool IsPlainName(string name)
    {
        foreach (char character in name)
            if (character is '[' or ']' or ',' or '*' or '&') return false;
        return true;
    }

    // On its own: making it is work that a process which meets no polymorphic value is spared.
    private static class Resolved
    {
        internal static readonly ConcurrentDictionary<ByteKey, Type> Types = new(ByteKey.Comparer.Instance);

        internal static readonly ConcurrentDictionary<ByteKey, Type>.AlternateLookup<ReadOnlySpan<byte>> BySpan = Types.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    private static Type Checked(Type type, Func<Type, Type> construct)
    {
        try
        {
            return construct(type);
        }
        catch (Exception e) when (e is ArgumentException or TypeLoadException or NotSupportedException or InvalidOperationException)
        {
            throw new CallSerializationException($"The bytes of a value can't be read: no type can be made of {type}: {e.Message}", e);
        }
    }
}

/// <summary>Bytes as a key of a dictionary.</summary>
/// <remarks>A class: dictionaries over a struct of ours would have to be compiled in every process before its first call.</remarks>
internal sealed class ByteKey(byte[] bytes)
{
    public byte[] Bytes => bytes;

    public sealed class Comparer : IEqualityComparer<ByteKey>, IAlternateEqualityComparer<ReadOnlySpan<byte>, ByteKey>
    {
        public static readonly Comparer Instance = new();

        public bool Equals(ByteKey? x, ByteKey? y) => x!.Bytes.AsSpan().SequenceEqual(y!.Bytes);

        public bool Equals(ReadOnlySpan<byte> alternate, ByteKey other) => alternate.SequenceEqual(other.Bytes);

        public int GetHashCode(ByteKey key) => GetHashCode(key.Bytes.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public ByteKey Create(ReadOnlySpan<byte> alternate) => new(alternate.ToArray());
    }
}
