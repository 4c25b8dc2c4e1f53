using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace GilSharp.Serialization;

/// <summary>
/// The identity of a function where there are no metadata tokens, in NativeAOT programs: its names. Both sides run the same executable,
/// so that what is found by name here is found by name there; the package's source generator keeps the names of what pools are given.
/// </summary>
/// <remarks>
/// One line each, since no name can contain a line break:
/// <code>
///   declaring type, with assembly and type arguments
///   name of the method
///   number of type arguments of the method
///   type arguments of the method, with assembly …
///   type of the result
///   types of the parameters …
/// </code>
/// Names of lambdas and of the classes of captured variables are the compiler's and hold for one build of a program: all that is needed.
/// </remarks>
internal static class FunctionName
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>True where a method has a name but no token.</summary>
    public static bool IsNeededFor(MethodInfo method) => !method.HasMetadataToken();

    /// <summary>The name of a method, or null if it could not be found by it again: nothing has kept it through trimming.</summary>
    public static string? Of(MethodInfo method)
    {
        string? name = Write(method);
        return name is not null && Find(name) == method ? name : null;
    }

    /// <summary>The method of that name, or null if this program has none.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2057", Justification = "A type that trimming has taken away is not found, and Of says so in the caller before anything is sent.")]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "As above, for its methods.")]
    [UnconditionalSuppressMessage("Trimming", "IL2060", Justification = "As above; the caller has this very instantiation in its hands.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "As above: what a delegate of this executable points to was compiled into it.")]
    public static MethodInfo? Find(string name)
    {
        string[] lines = name.Split('\n');
        if (lines.Length < 4 || !int.TryParse(lines[2], out int arity) || arity < 0 || arity > lines.Length - 4) return null;
        Type? declaring = Type.GetType(lines[0], throwOnError: false);
        Type?[] arguments = [.. lines.Skip(3).Take(arity).Select(argument => Type.GetType(argument, throwOnError: false))];
        if (declaring is null || arguments.Contains(null)) return null;

        foreach (MethodInfo candidate in declaring.GetMethods(Declared))
        {
            if (candidate.Name != lines[1] || (candidate.IsGenericMethodDefinition ? candidate.GetGenericArguments().Length : 0) != arity) continue;
            MethodInfo closed = arity == 0 ? candidate : candidate.MakeGenericMethod(arguments!);
            if (Signature(closed).AsSpan().SequenceEqual(lines.AsSpan(3 + arity))) return closed;
        }

        return null;
    }

    private static string? Write(MethodInfo method)
    {
        Type[] arguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        string?[] lines =
        [
            method.DeclaringType?.AssemblyQualifiedName,
            method.Name,
            arguments.Length.ToString(null, null),
            .. arguments.Select(argument => argument.AssemblyQualifiedName),
            .. Signature(method),
        ];
        return lines.Contains(null) ? null : string.Join('\n', lines);
    }

    private static string[] Signature(MethodInfo method) =>
        [method.ReturnType.ToString(), .. method.GetParameters().Select(parameter => parameter.ParameterType.ToString())];
}
