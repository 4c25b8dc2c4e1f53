using System.Reflection;
using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>Finds, in a function's code, which captured variables it uses, and refuses a function that assigns one.</summary>
/// <remarks>
/// Followed are the methods that the compiler made of the function: nested lambdas, local functions, the state machines of async functions and
/// iterators. Variables are told apart by the field tokens in the code; no data flow is needed, since a closure class belongs to one scope. Code that makes
/// an object of it is that scope, entered anew by a function that calls the method around it: it and what it calls have variables of their own.
/// </remarks>
internal sealed class CapturedVariables
{
    private readonly Queue<(MethodBase Method, Scopes Entered)> _toScan = new();
    private readonly Dictionary<(Module, int), List<Scopes>> _seen = [];
    private readonly HashSet<(Module, int)> _used = [];
    private readonly Dictionary<(Module, int), FieldInfo> _assigned = [];
    private bool _codeMissing;

    /// <exception cref="CallSerializationException">The function assigns a captured variable.</exception>
    public static Dictionary<Type, FieldInfo[]> Of(MethodInfo method, Type root)
    {
        var search = new CapturedVariables();
        if (method.HasMetadataToken())
            search.Enqueue(method, Scopes.None);
        else
            search._codeMissing = true;

        while (search._toScan.TryDequeue(out (MethodBase Method, Scopes Entered) next))
            search.Scan(next.Method, next.Entered);

        var fields = new Dictionary<Type, FieldInfo[]>();
        search.Collect(root, fields);
        foreach ((Type type, _) in fields)
        {
            foreach (FieldInfo field in Mirror.DeclaredFields(type))
            {
                if (!search._codeMissing && search._assigned.ContainsKey(KeyOf(field)) && !ClosureShape.IsClosure(field.FieldType))
                {
                    throw new CallSerializationException(
                        $"The function {FunctionRules.NameOf(method)} assigns the {NameOf(field)}: it would be changed in the worker only, and the caller would never see it. Return the value instead, or copy it to a variable inside the function.");
                }
            }
        }

        return fields;
    }

    public static string NameOf(FieldInfo field)
    {
        string name = field.Name;
        if (name is "<>4__this" or "$VB$Me")
            return "captured 'this'";

        const string VisualBasic = "$VB$Local_";
        return $"captured variable '{(name.StartsWith(VisualBasic, StringComparison.Ordinal) ? name[VisualBasic.Length..] : name)}'";
    }

    private void Collect(Type closure, Dictionary<Type, FieldInfo[]> fields)
    {
        if (fields.ContainsKey(closure))
            return;

        var used = new List<FieldInfo>();
        foreach (FieldInfo field in Mirror.DeclaredFields(closure))
        {
            if (_codeMissing || _used.Contains(KeyOf(field)))
                used.Add(field);
        }

        fields.Add(closure, [.. used]);
        foreach (FieldInfo field in used)
        {
            if (ClosureShape.IsClosure(field.FieldType))
                Collect(field.FieldType, fields);
        }
    }

    private void Enqueue(MethodBase method, Scopes entered)
    {
        if (!_seen.TryGetValue((method.Module, method.MetadataToken), out List<Scopes>? ways))
            _seen.Add((method.Module, method.MetadataToken), ways = []);

        // Who came with fewer scopes has seen all that there is to see.
        if (ways.Exists(way => way.AreWithin(entered)))
            return;

        ways.Add(entered);
        _toScan.Enqueue((method, entered));
    }

    private void Scan(MethodBase method, Scopes entered)
    {
        if (method.GetCustomAttribute<StateMachineAttribute>() is { } machine)
        {
            foreach (MethodInfo step in Mirror.DeclaredMethods(machine.StateMachineType))
                Enqueue(step, entered);
        }

        byte[]? code = BytesOf(method);
        if (code is null)
        {
            // Abstract methods and externs have no code either, but the compiler makes neither of a function.
            _codeMissing |= !method.IsAbstract;
            return;
        }

        Type[]? typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        Type[]? methodArguments = method is MethodInfo { IsGenericMethod: true } ? method.GetGenericArguments() : null;
        var instructions = new InstructionReader(code);
        while (instructions.TryRead(out Instruction instruction))
        {
            if (instruction.Code == OpCode.Newobj && Resolve(method.Module, instruction.Token, typeArguments, methodArguments) is ConstructorInfo { DeclaringType: { } made } && ClosureShape.IsClosure(made))
                entered = entered.With(made);
        }

        instructions = instructions.FromStart();
        while (instructions.TryRead(out Instruction instruction))
        {
            switch (instruction.Code)
            {
                case OpCode.Ldfld or OpCode.Ldflda or OpCode.Stfld:
                    if (Resolve(method.Module, instruction.Token, typeArguments, methodArguments) is FieldInfo field && IsCaptured(field, entered))
                        Use(field, instruction, instructions, method, token => Resolve(method.Module, token, typeArguments, methodArguments));

                    break;
                case OpCode.Ldtoken:
                    // An expression tree names what it captures, and what it calls.
                    MemberInfo? named = Resolve(method.Module, instruction.Token, typeArguments, methodArguments);
                    if (named is FieldInfo captured && IsCaptured(captured, entered))
                        _used.Add(KeyOf(captured));
                    else if (named is MethodBase made && IsMadeByCompiler(made))
                        Enqueue(made, entered);

                    break;
                case OpCode.Call or OpCode.Callvirt or OpCode.Newobj or OpCode.Ldftn or OpCode.Ldvirtftn:
                    if (Resolve(method.Module, instruction.Token, typeArguments, methodArguments) is MethodBase called && IsMadeByCompiler(called))
                        Enqueue(called, entered);

                    break;
            }
        }
    }

    private void Use(FieldInfo field, Instruction instruction, InstructionReader rest, MethodBase method, Func<int, MemberInfo?> resolve)
    {
        (Module, int) key = KeyOf(field);
        _used.Add(key);
        if (instruction.Code == OpCode.Stfld || (instruction.Code == OpCode.Ldflda && AddressUse.IsAssignment(rest, method, resolve)))
            _assigned[key] = field;
    }

    internal static MemberInfo? Resolve(Module module, int token, Type[]? typeArguments, Type[]? methodArguments)
    {
        try
        {
            return Mirror.MemberIn(module, token, typeArguments, methodArguments);
        }
        catch (Exception e) when (e is ArgumentException or TypeLoadException or IOException or BadImageFormatException or MissingMemberException)
        {
            // Something of an assembly that isn't there; the compiler's own classes always are.
            return null;
        }
    }

    internal static byte[]? BytesOf(MethodBase method)
    {
        try
        {
            return Mirror.BodyOf(method)?.GetILAsByteArray();
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or PlatformNotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Not the delegates of inner lambdas, which the compiler keeps in fields named &lt;&gt;9…: they are made anew when missing.</summary>
    private static bool IsCaptured(FieldInfo field, Scopes entered) =>
        !field.IsStatic && !field.Name.StartsWith("<>9", StringComparison.Ordinal) && field.DeclaringType is { } type && ClosureShape.IsClosure(type) && !entered.Contain(type);

    /// <summary>Names in angle brackets can't be written by a programmer.</summary>
    private static bool IsMadeByCompiler(MethodBase method) =>
        method.Name.StartsWith('<') || method.Name.StartsWith("_Lambda$__", StringComparison.Ordinal)
        || (method.DeclaringType is { } type && (type.Name.StartsWith('<') || type.Name.StartsWith("_Closure$__", StringComparison.Ordinal)) && type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false));

    private static (Module, int) KeyOf(FieldInfo field) => (field.Module, field.MetadataToken);

    /// <summary>The closure classes of the scopes that were entered on the way to a method.</summary>
    private sealed class Scopes
    {
        public static readonly Scopes None = new(default, null);

        private readonly (Module, int) _last;
        private readonly Scopes? _before;

        private Scopes((Module, int) last, Scopes? before)
        {
            _last = last;
            _before = before;
        }

        public Scopes With(Type closure) => Contain(closure) ? this : new((closure.Module, closure.MetadataToken), this);

        public bool Contain(Type closure) => Contain((closure.Module, closure.MetadataToken));

        public bool AreWithin(Scopes other) => _before is null || (other.Contain(_last) && _before.AreWithin(other));

        private bool Contain((Module, int) closure) => _before is not null && (_last == closure || _before.Contain(closure));
    }
}
