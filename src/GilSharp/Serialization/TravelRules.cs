using System.Reflection;

namespace GilSharp.Serialization;

/// <summary>Which types are refused, and what to tell the caller.</summary>
/// <remarks>
/// Types of the platform travel only if the codec knows them: a copy of the raw fields of a FileStream would seem to work and be wrong. Types of
/// anybody else travel by their fields, unless they stand for something that a copy can't stand for.
/// </remarks>
internal static class TravelRules
{
    private static readonly string[] OwnRefused =
        ["GilSharp.RefCounted`1", "GilSharp.WeakRefCounted`1", "GilSharp.GlobalInterpreterLock", "GilSharp.WorkerPool"];

    /// <exception cref="CallSerializationException">Objects of this type can't travel.</exception>
    public static void EnsureMayTravel(Type type)
    {
        if (ReasonToRefuse(type) is not null)
            throw Refusal(type);
    }

    public static CallSerializationException Refusal(Type type) => CallSerializationException.Refused(type, ReasonToRefuse(type) ?? "it is not known to the codec.");

    /// <summary>Null if it may travel. Looks at the type alone, not at its fields.</summary>
    public static string? ReasonToRefuse(Type type)
    {
        if (type.IsPrimitive)
            return type == typeof(nint) || type == typeof(nuint) ? "an address or handle means nothing in another process. Use long for a number." : null;

        if (type.IsEnum || type == typeof(object))
            return null;

        if (type.IsPointer || type.IsFunctionPointer || type.IsByRefLike)
            return "an address means nothing in another process.";

        if (type.IsCOMObject)
            return "a COM object stays in its process.";

        for (Type? level = type; level is not null; level = level.BaseType)
        {
            if (Family(level) is { } reason)
                return reason;
        }

        if (type.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute), inherit: false)
            && type.IsAssignableTo(typeof(System.Runtime.CompilerServices.IAsyncStateMachine)))
            return "an async function that is under way stays in its process.";

        if (Reporters.ImplementedBy(type) is { } reporter)
            return $"its reports would stay in the worker. Declare what holds it as {TypeDisplay.NameOf(reporter)}: then they reach the caller.";

        if (AssemblyCatalog.IsPlatform(type.Assembly))
            return MayTravelByFields(type) ? null : UnknownOfPlatform(type);

        for (Type? level = type.BaseType; level is not null; level = level.BaseType)
        {
            if (!MayBeBase(level))
                return $"its base class {TypeDisplay.NameOf(level)} belongs to the platform, which does not show what is in it. Send the data that is needed, or mark the field [NonSerialized].";
        }

        return HasFinalizer(type) ? "it has a finalizer, so it owns something that a copy can't own. Create it inside the function." : null;
    }

    private static string? Family(Type type)
    {
        if (type.FullName is not { } name)
            return null;

        string definition = type.IsGenericType ? type.GetGenericTypeDefinition().FullName ?? name : name;
        return definition switch
        {
            "System.IO.Stream" or "System.IO.TextReader" or "System.IO.TextWriter" => "a stream belongs to the process that opened it. Pass the path or the data and open it inside the function.",
            "System.Runtime.ConstrainedExecution.CriticalFinalizerObject" or "System.Runtime.InteropServices.SafeHandle" => "a handle belongs to its process. Open it inside the function.",
            "System.Threading.Tasks.Task" or "System.Threading.Tasks.ValueTask" or "System.Threading.Tasks.ValueTask`1" => "a task runs in its process. Await it first and pass its result.",
            "System.Threading.Thread" or "System.Threading.Timer" or "System.Timers.Timer" or "System.Threading.PeriodicTimer" => "it runs in its process. Create it inside the function.",
            "System.Threading.CancellationTokenSource" => "it signals within its process. Pass a CancellationToken to ApplyAsync and take it as the function's last parameter.",
            "System.Threading.CancellationToken" => "it signals within its process. Take it as the function's last parameter, or read WorkerContext.CancellationToken.",
            "System.Threading.Lock" or "System.Threading.WaitHandle" or "System.Threading.SemaphoreSlim" or "System.Threading.ManualResetEventSlim" or "System.Threading.ReaderWriterLockSlim"
                or "System.Threading.CountdownEvent" or "System.Threading.Barrier" or "System.Threading.SpinLock" or "System.Threading.ReaderWriterLock"
                => "a lock works within its process only. Create it inside the function, or mark the field [NonSerialized].",
            "System.Net.Sockets.Socket" or "System.Diagnostics.Process" => "it belongs to the process that opened it. Open it inside the function.",
            "System.Reflection.MemberInfo" when type != typeof(Type) => "reflection objects do not travel; a Type does.",
            "System.Reflection.Assembly" or "System.Reflection.Module" or "System.Runtime.Loader.AssemblyLoadContext" => "reflection objects do not travel; a Type does.",
            "System.Runtime.InteropServices.GCHandle" or "System.Runtime.InteropServices.GCHandle`1" or "System.Runtime.InteropServices.DependentHandle" or "System.WeakReference" or "System.WeakReference`1"
                => "it refers to an object by address. Pass the object itself.",
            _ => type.Assembly == typeof(TravelRules).Assembly && Array.IndexOf(OwnRefused, definition) >= 0
                ? "it lives in its process. Create one inside the function, or in ProcessPoolOptions.Initializer."
                : null,
        };
    }

    private static bool MayBeBase(Type level) =>
        !AssemblyCatalog.IsPlatform(level.Assembly)
        || level == typeof(object) || level == typeof(ValueType) || level == typeof(Enum) || level == typeof(Attribute) || level == typeof(EventArgs)
        || level == typeof(StringComparer) || level.IsAssignableTo(typeof(Exception))
        || (level.IsGenericType && level.GetGenericTypeDefinition() is { } definition
            && (definition == typeof(Comparer<>) || definition == typeof(EqualityComparer<>) || OwnFields.MayBeBase(definition)));

    /// <summary>Types of the platform whose fields are their contents and nothing else.</summary>
    private static bool MayTravelByFields(Type type)
    {
        if (type.IsAssignableTo(typeof(Exception)) || type == typeof(EventArgs))
            return true;

        // One whose fields can't be seen is refused where they would be written.
        if (type.IsValueType && (type.IsAssignableTo(typeof(System.Runtime.CompilerServices.ITuple)) || KeptTypes.MayLackFields(type) || !HoldsReferences(type)))
            return true;

        if (!type.IsGenericType)
            return type.FullName is "System.Numerics.BigInteger";

        return type.GetGenericTypeDefinition().FullName is { } name
            && (name.StartsWith("System.Tuple`", StringComparison.Ordinal) || name is "System.Runtime.CompilerServices.StrongBox`1" or "System.Collections.Generic.ComparisonComparer`1" or "System.Collections.Generic.EqualityComparer`1+DelegateEqualityComparer"
                or "System.Collections.Generic.DelegateEqualityComparer`1" or "System.Collections.ObjectModel.Collection`1"
                or "System.Collections.ObjectModel.ReadOnlyCollection`1" or "System.Collections.Generic.KeyValuePair`2" or "System.Nullable`1" or "System.Memory`1" or "System.ReadOnlyMemory`1"
                or "System.ArraySegment`1" or "System.Collections.Immutable.ImmutableArray`1");
    }

    private static bool HoldsReferences(Type type)
    {
        foreach (FieldInfo field in Mirror.DeclaredFields(type))
        {
            if (!field.FieldType.IsPrimitive && (!field.FieldType.IsValueType || HoldsReferences(field.FieldType)))
                return true;
        }

        return false;
    }

    private static bool HasFinalizer(Type type)
    {
        for (Type? level = type; level is not null && level != typeof(object); level = level.BaseType)
        {
            foreach (MethodInfo method in Mirror.DeclaredMethods(level))
            {
                if (method.Name == "Finalize" && method.GetParameters().Length == 0 && method.IsVirtual)
                    return true;
            }
        }

        return false;
    }

    private static string UnknownOfPlatform(Type type) => type.Namespace switch
    {
        "System.Linq" => "a query runs in its process. End it with ToArray() or ToList().",
        _ => "it belongs to the platform, which does not show what is in it. Send the data that is needed, or mark the field [NonSerialized].",
    };
}
