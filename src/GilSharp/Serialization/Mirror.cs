using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>The few steps of reflection that trimming and ahead-of-time compilation cannot follow, each with what happens there.</summary>
internal static class Mirror
{
    private const string MissingIsRefused =
        "What was trimmed away, or was never compiled, is noticed at run time and refused with a CallSerializationException that names the type; nothing is changed silently.";

    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The instance fields that a type itself declares, in the order of their declaration.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "A field that was trimmed is a field that no code reads or writes; parent and worker are the same image, so both sides see the same fields. Compiled ahead of time a used field may go too: there only types that were kept are looked at.")]
    public static FieldInfo[] DeclaredFields(Type type)
    {
        KeptTypes.EnsureWhole(type);
        FieldInfo[] fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
        Array.Sort(fields, InDeclaredOrder);
        return fields;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = MissingIsRefused)]
    public static FieldInfo? FieldOf(Type type, string name) => type.GetField(name, Declared);

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = MissingIsRefused)]
    public static object? StaticProperty(Type type, string name) => type.GetProperty(name, BindingFlags.Static | BindingFlags.Public)?.GetValue(null);

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = MissingIsRefused)]
    public static MethodInfo[] DeclaredMethods(Type type) => type.GetMethods(Declared);

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "An interface that was trimmed is one through which no code calls.")]
    public static Type[] InterfacesOf(Type type) => type.GetInterfaces();

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = MissingIsRefused)]
    public static Type? TypeIn(Assembly assembly, string fullName) => assembly.GetType(fullName, throwOnError: false, ignoreCase: false);

    /// <summary>Null if the token is that of no type defined there; one of a reference would load what it refers to.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = MissingIsRefused)]
    public static Type? TypeIn(Module module, int token)
    {
        if (token >>> 24 != 0x02)
            return null;

        try
        {
            return module.ResolveType(token);
        }
        catch (Exception exception) when (exception is ArgumentException or BadImageFormatException or InvalidOperationException or NotSupportedException or TypeLoadException or IOException)
        {
            return null;
        }
    }

    /// <summary>The token of a type in the one module of its assembly; 0 where there are none.</summary>
    public static int TokenOf(Type type)
    {
        try
        {
            return type.Module == type.Assembly.ManifestModule ? type.MetadataToken : 0;
        }
        catch (InvalidOperationException)
        {
            return 0;
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = MissingIsRefused)]
    public static MethodBase? MethodIn(Module module, int token) => module.ResolveMethod(token);

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only asked where method bodies exist; without them every field of the closure travels.")]
    public static MemberInfo? MemberIn(Module module, int token, Type[]? typeArguments, Type[]? methodArguments) => module.ResolveMember(token, typeArguments, methodArguments);

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Without method bodies every field of the closure travels.")]
    public static MethodBody? BodyOf(MethodBase method) => method.GetMethodBody();

    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = MissingIsRefused)]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = MissingIsRefused)]
    public static Type Construct(Type definition, params Type[] arguments) => definition.MakeGenericType(arguments);

    [UnconditionalSuppressMessage("Trimming", "IL2060", Justification = MissingIsRefused)]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = MissingIsRefused)]
    public static MethodInfo Construct(MethodInfo definition, params Type[] arguments) => definition.MakeGenericMethod(arguments);

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = MissingIsRefused)]
    public static Type ArrayOf(Type element) => element.MakeArrayType();

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = MissingIsRefused)]
    public static Type ArrayOf(Type element, int rank) => element.MakeArrayType(rank);

    /// <summary>Makes one of this library's generic converters for the given types.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = "The converters constrain nothing but class or notnull.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = MissingIsRefused)]
    public static object Make([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] Type definition, params Type[] arguments)
    {
        Type type = definition.MakeGenericType(arguments);
        try
        {
            return Activator.CreateInstance(type)!;
        }
        catch (Exception e) when (e is MissingMethodException or NotSupportedException or TypeLoadException)
        {
            throw CallSerializationException.Refused(arguments[0], TravelRules.ReasonToRefuse(arguments[0]) ?? (Blittable.ShowsNoAddress(arguments[0])
                ? "ahead-of-time compilation made no code for it. Set ProcessPoolOptions.Serializer to one that does."
                : "it is made for an address or handle, which means nothing in another process."));
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = MissingIsRefused)]
    public static ConstructorInfo? ConstructorOf(Type type, Type[] parameters) => type.GetConstructor(parameters);

    /// <summary>An object whose constructor has not run: fields alone decide what it is.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = "No constructor is called.")]
    public static object Blank(Type type) => RuntimeHelpers.GetUninitializedObject(type);

    private static int InDeclaredOrder(FieldInfo x, FieldInfo y)
    {
        try
        {
            return x.MetadataToken.CompareTo(y.MetadataToken);
        }
        catch (InvalidOperationException)
        {
            // Ahead-of-time compiled programs have no tokens; names will do, since both sides are the same image.
            return string.CompareOrdinal(x.Name, y.Name);
        }
    }
}
