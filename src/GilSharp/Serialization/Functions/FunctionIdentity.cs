using System.Reflection;

namespace GilSharp.Serialization;

/// <summary>A function in bytes.</summary>
/// <remarks>
/// <code>
/// kind of target, delegate type, declaring type,
/// 0 + metadata token  |  1 + name + parameter types   (of .NET itself, which may be serviced, and where there are no tokens)
/// generic arguments of the method,
/// for a closure: its classes, each with the names of the fields that travel, so that a worker need not look at the code again
/// </code>
/// </remarks>
internal static class FunctionIdentity
{
    private const int CachedAtMost = 65_536;

    private static readonly Dictionary<ByteKey, FunctionPlan> Known = new(ByteKey.Comparer.Instance); // guarded by itself

    public static byte[] Write(MethodInfo method, Type delegateType, FunctionPlan.TargetKind kind, ClosureShape? closure, bool withPaths)
    {
        ByteSink sink = ByteSink.Rent();
        try
        {
            var writer = new GraphWriter(sink);
            writer.WriteByte((byte)kind);
            TypeIdentity.Write(ref writer, delegateType, withPaths);
            TypeIdentity.Write(ref writer, method.DeclaringType!, withPaths);
            WriteMethod(ref writer, method, withPaths);
            Type[] arguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
            writer.WriteByte((byte)arguments.Length);
            foreach (Type argument in arguments)
                TypeIdentity.Write(ref writer, argument, withPaths);

            if (closure is not null)
            {
                TypeIdentity.Write(ref writer, closure.Root, withPaths);
                writer.WriteVarint((uint)closure.Fields.Count);
                foreach ((Type type, FieldInfo[] fields) in closure.Fields)
                {
                    TypeIdentity.Write(ref writer, type, withPaths);
                    writer.WriteVarint((uint)fields.Length);
                    foreach (FieldInfo field in fields)
                        writer.WriteString(field.Name);
                }
            }

            writer.Flush();
            return sink.Written.ToArray();
        }
        finally
        {
            sink.Return();
        }
    }

    public static FunctionPlan Resolve(ReadOnlySpan<byte> data, bool withPaths)
    {
        ByteKey key = new(data.ToArray()); // once for each function of a pool and worker
        FunctionPlan? plan;
        lock (Known)
            if (Known.TryGetValue(key, out plan)) return plan;

        try
        {
            plan = Read(data, withPaths);
        }
        catch (Exception e) when (e is not CallSerializationException)
        {
            throw new CallSerializationException($"A function can't be found from its identity: {e.Message}", e);
        }

        if (!plan.Method.Module.Assembly.IsCollectible)
            lock (Known)
                if (Known.Count < CachedAtMost) Known[key] = plan;

        return plan;
    }

    private static FunctionPlan Read(ReadOnlySpan<byte> data, bool withPaths)
    {
        var reader = new GraphReader(data);
        byte kind = reader.ReadByte();
        if (kind > (byte)FunctionPlan.TargetKind.Object)
            throw CallSerializationException.Malformed($"there is no kind of target {kind}");

        Type delegateType = TypeIdentity.Read(ref reader, withPaths);
        Type declaring = TypeIdentity.Read(ref reader, withPaths);
        if (!delegateType.IsSubclassOf(typeof(Delegate)) || delegateType.ContainsGenericParameters || declaring.ContainsGenericParameters)
            throw CallSerializationException.Malformed($"{delegateType} and {declaring} make no function");

        MethodInfo method = ReadMethod(ref reader, declaring, withPaths);
        int count = reader.ReadByte();
        var arguments = new Type[count];
        for (int i = 0; i < count; i++)
            arguments[i] = TypeIdentity.Read(ref reader, withPaths);

        if (count > 0)
            method = Mirror.Construct(method, arguments);

        ClosureShape? closure = kind == (byte)FunctionPlan.TargetKind.Closure ? ReadClosure(ref reader, withPaths) : null;
        reader.EnsureAtEnd();
        return FunctionPlan.Of(method, delegateType, (FunctionPlan.TargetKind)kind, closure);
    }

    private static void WriteMethod(ref GraphWriter writer, MethodInfo method, bool withPaths)
    {
        if (!AssemblyCatalog.IsPlatform(method.Module.Assembly) && TokenOf(method) is { } token)
        {
            writer.WriteByte(0);
            writer.WriteUnmanaged(token);
            return;
        }

        writer.WriteByte(1);
        writer.WriteString(method.Name);
        writer.WriteString(Signature(method));
    }

    private static MethodInfo ReadMethod(ref GraphReader reader, Type declaring, bool withPaths)
    {
        if (reader.ReadByte() == 0)
        {
            int token = reader.ReadUnmanaged<int>();
            MethodBase? method = Mirror.MethodIn(declaring.Module, token);
            if (method is not null && declaring.IsConstructedGenericType)
                method = MethodBase.GetMethodFromHandle(method.MethodHandle, declaring.TypeHandle);

            return method is MethodInfo found && found.DeclaringType == declaring ? found : throw CallSerializationException.Malformed($"{declaring} has no method {token:x8}");
        }

        string name = reader.ReadText();
        string signature = reader.ReadText();
        foreach (MethodInfo method in Mirror.DeclaredMethods(declaring))
        {
            if (method.Name == name && Signature(method) == signature)
                return method;
        }

        throw new CallSerializationException($"The method {name} ({signature}) is not in {declaring} in this process.");
    }

    /// <summary>Tells overloads apart; read and written by the same code.</summary>
    private static string Signature(MethodInfo method)
    {
        MethodInfo definition = method.IsGenericMethod ? method.GetGenericMethodDefinition() : method;
        return definition.ToString() ?? "";
    }

    private static ClosureShape ReadClosure(ref GraphReader reader, bool withPaths)
    {
        Type root = TypeIdentity.Read(ref reader, withPaths);
        int count = reader.ReadCount(2);
        var fields = new Dictionary<Type, FieldInfo[]>(count);
        for (int i = 0; i < count; i++)
        {
            Type type = TypeIdentity.Read(ref reader, withPaths);
            if (!ClosureShape.IsClosure(type))
                throw CallSerializationException.Malformed($"{type} is no closure");

            var used = new FieldInfo[reader.ReadCount(1)];
            for (int j = 0; j < used.Length; j++)
            {
                string name = reader.ReadText();
                used[j] = Mirror.FieldOf(type, name) is { IsStatic: false } field ? field : throw CallSerializationException.Malformed($"{type} has no field {name}");
            }

            fields.Add(type, used);
        }

        return fields.ContainsKey(root) ? new ClosureShape(root, fields) : throw CallSerializationException.Malformed($"{root} is not among the closures");
    }

    private static int? TokenOf(MethodInfo method)
    {
        try
        {
            return method.MetadataToken;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
