using Mono.Cecil;
using Mono.Cecil.Cil;

namespace GilSharp.Races.Weaving;

/// <content>Calls: of the platform, which become the seam's, and of the library itself, which a fault may skip.</content>
internal sealed partial class Weaver
{
    private static readonly Dictionary<string, string> SeamTypes = new()
    {
        ["System.Threading.Interlocked"] = "InterlockedSeam",
        ["System.Threading.Volatile"] = "VolatileSeam",
        ["System.Threading.Monitor"] = "MonitorSeam",
        ["System.Threading.Lock"] = "LockSeam",
        ["System.Threading.Lock/Scope"] = "LockSeam",
        ["System.Threading.Thread"] = "ThreadSeam",
        ["System.Threading.ThreadPool"] = "ThreadSeam",
        ["System.Threading.SpinWait"] = "ThreadSeam",
        ["System.Threading.WaitHandle"] = "ThreadSeam",
        ["System.Threading.EventWaitHandle"] = "ThreadSeam",
        ["System.Diagnostics.Stopwatch"] = "ThreadSeam",
        ["System.Threading.CancellationToken"] = "CancellationSeam",
        ["System.Threading.CancellationTokenRegistration"] = "CancellationSeam",
        ["GilSharp.Ipc.Spawner"] = "PoolSeam",
        ["GilSharp.Ipc.ChildProcess"] = "PoolSeam",
        ["GilSharp.Ipc.HostSystem"] = "PoolSeam",
        ["GilSharp.Ipc.Outbox"] = "PoolSeam",
        ["GilSharp.Processes.Engine.WorkerConnection"] = "PoolSeam",
    };

    // What other threads cannot see, or what only gives a thread its name.
    private static readonly HashSet<string> Invisible =
    [
        "Thread.get_CurrentThread", "Lock..ctor", "Thread.set_Name", "Thread.get_Name", "Thread.set_IsBackground", "Thread.get_ManagedThreadId", "CancellationToken.get_None",
        "CancellationToken.get_CanBeCanceled", "CancellationToken.op_Equality", "CancellationToken.ThrowIfCancellationRequested",
        "CancellationToken..ctor",
    ];

    private readonly ModuleDefinition _seam;

    private void WeaveCall(MethodDefinition method, ILProcessor code, Instruction instruction, string line)
    {
        var called = (MethodReference)instruction.Operand;
        string type = called.DeclaringType.FullName;
        if (SeamTypes.TryGetValue(type, out string? seamType))
        {
            if (Invisible.Contains($"{called.DeclaringType.Name}.{called.Name}"))
                return;
            if (SeamMethod(called, seamType, instruction.OpCode.Code == Code.Newobj) is { } seam)
            {
                ReplaceCall(method, code, instruction, seam, called, line);
                return;
            }

            if (called.Resolve()?.Module != _module) // of the library's own, only what a scenario plays
            {
                Unmodelled.Add($"{NameOf(method)} calls {called.FullName}");
                return;
            }
        }

        if (type.StartsWith("System.Threading.", StringComparison.Ordinal) && !type.StartsWith("System.Threading.Tasks.", StringComparison.Ordinal) && IsWaiting(called))
        {
            Unmodelled.Add($"{NameOf(method)} calls {called.FullName}");
        }
        else if (instruction.OpCode.Code != Code.Newobj && CanBeSkipped(called, instruction))
        {
            MakeSkippable(method, code, instruction, called, line);
        }
    }

    private static bool IsWaiting(MethodReference called) => called.Name.Contains("Wait", StringComparison.Ordinal) || called.Name is "Enter" or "EnterScope" or "Join";

    private MethodReference? SeamMethod(MethodReference called, string seamType, bool isConstructor)
    {
        List<string> parameters = [.. called.Parameters.Select(static parameter => Shape(parameter.ParameterType))];
        string name = called.Name;
        if (isConstructor)
            name = "New" + called.DeclaringType.Name;
        else if (called.HasThis)
            parameters.Insert(0, Shape(called.DeclaringType) + (called.DeclaringType.IsValueType ? "&" : ""));
        parameters.Add("System.Int32");
        int arity = called is GenericInstanceMethod generic ? generic.GenericArguments.Count : 0;
        MethodDefinition? found = _seam.GetType($"GilSharp.Races.Seam.{seamType}").Methods.FirstOrDefault(candidate =>
            candidate.Name == name && candidate.GenericParameters.Count == arity
            && candidate.Parameters.Select(static parameter => Shape(parameter.ParameterType)).SequenceEqual(parameters));
        if (found is null)
            return null;
        MethodReference imported = _module.ImportReference(found);
        if (called is not GenericInstanceMethod instance)
            return imported;
        GenericInstanceMethod made = new(imported);
        foreach (TypeReference argument in instance.GenericArguments)
            made.GenericArguments.Add(argument);
        return made;
    }

    // Modifiers such as in's say nothing of the shape, and a generic parameter is known by its place.
    private static string Shape(TypeReference type) => type switch
    {
        RequiredModifierType modified => Shape(modified.ElementType),
        ByReferenceType reference => Shape(reference.ElementType) + "&",
        GenericParameter parameter => "!" + parameter.Position,
        GenericInstanceType generic => generic.ElementType.FullName + "<" + string.Join(',', generic.GenericArguments.Select(Shape)) + ">",
        _ => type.FullName,
    };

    private void ReplaceCall(MethodDefinition method, ILProcessor code, Instruction instruction, MethodReference seam, MethodReference called, string line)
    {
        string operation = $"{called.DeclaringType.Name}.{called.Name}";
        int site = NewSite(method, operation, FieldBefore(instruction), line);
        // In place, so that a branch to the call still finds its beginning.
        instruction.OpCode = OpCodes.Ldc_I4;
        instruction.Operand = site;
        code.InsertAfter(instruction, code.Create(OpCodes.Call, seam));
    }

    // For people: the field that the operation is about is loaded shortly before.
    private static string FieldBefore(Instruction call)
    {
        Instruction? at = call.Previous;
        for (int i = 0; i < 14 && at is not null; i++, at = at.Previous)
        {
            if (at.OpCode.Code is Code.Ldflda or Code.Ldsflda && at.Operand is FieldReference field)
                return field.Name;
            if (at.OpCode.FlowControl is FlowControl.Branch or FlowControl.Return)
                break;
        }

        return "";
    }

    // Calls whose answer is nothing, a truth or a number; not those of constructors and accessors that only return a field.
    private bool CanBeSkipped(MethodReference called, Instruction instruction)
    {
        if (called.Resolve() is not { } target || target.Module != _module || target.IsConstructor || instruction.Previous?.OpCode.Code == Code.Constrained)
            return false;
        return called.ReturnType.MetadataType is MetadataType.Void or MetadataType.Boolean or MetadataType.Int32;
    }

    private void MakeSkippable(MethodDefinition method, ILProcessor code, Instruction instruction, MethodReference called, string line)
    {
        string owner = called.DeclaringType.Name;
        int site = NewSite(method, $"{owner}.{called.Name}", "", line);
        Instruction call = code.Create(instruction.OpCode, called);
        Instruction after = code.Create(OpCodes.Nop);
        instruction.OpCode = OpCodes.Ldc_I4;
        instruction.Operand = site;
        Instruction at = instruction;
        Append(code.Create(OpCodes.Call, FaultsMethod("Skips")));
        Append(code.Create(OpCodes.Brfalse, call));
        for (int i = called.Parameters.Count + (called.HasThis ? 1 : 0); i > 0; i--)
            Append(code.Create(OpCodes.Pop));
        if (called.ReturnType.MetadataType != MetadataType.Void)
        {
            Append(code.Create(OpCodes.Ldc_I4, site));
            Append(code.Create(OpCodes.Call, FaultsMethod("AnswerAt")));
        }

        Append(code.Create(OpCodes.Br, after));
        Append(call);
        Append(after);

        void Append(Instruction next)
        {
            code.InsertAfter(at, next);
            at = next;
        }
    }

    private MethodReference FaultsMethod(string name) =>
        _module.ImportReference(_seam.GetType("GilSharp.Races.Seam.Faults").Methods.Single(method => method.Name == name));
}
