using Mono.Cecil;
using Mono.Cecil.Cil;

namespace GilSharp.Races.Weaving;

/// <content>Plain reads and writes of fields.</content>
internal sealed partial class Weaver
{
    private const string CompilerGenerated = "<";

    private static readonly string[] Collections =
        ["System.Collections.Generic.List`1", "System.Collections.Generic.Queue`1", "System.Collections.Generic.Stack`1", "System.Collections.Generic.Dictionary`2"];

    private void WeaveField(MethodDefinition method, ILProcessor code, Instruction instruction, string line)
    {
        var reference = (FieldReference)instruction.Operand;
        if (reference.Resolve() is not { } field || field.Module != _module || field.DeclaringType.Name.StartsWith(CompilerGenerated, StringComparison.Ordinal))
            return;
        bool writes = instruction.OpCode.Code is Code.Stfld or Code.Stsfld;
        if (field.Name == "CanSpin")
            WeaveCanSpin(method, code, instruction, writes, line);
        else if (field.CustomAttributes.Any(static attribute => attribute.AttributeType.Name == "ThreadStaticAttribute"))
            WeaveThreadStatic(code, instruction, field, writes);
        else if (!writes && Collections.Contains(reference.FieldType.GetElementType().FullName) && IsFieldOfThis(method, field, instruction) && !IsLocked(instruction))
            WeaveCollection(method, code, instruction, reference, line);
        else if (!field.IsInitOnly && IsWord(reference.FieldType) && IsFieldOfThis(method, field, instruction))
            WeavePlain(method, code, instruction, reference, writes, line);
    }

    // A constructor's stores are seen by whoever gets the reference, whatever way it comes: the memory model says so. Structs live on
    // stacks, but for the count, which is a struct in an object and is touched by its own methods only.
    private static bool IsFieldOfThis(MethodDefinition method, FieldDefinition field, Instruction instruction)
    {
        if (method.IsConstructor && method.DeclaringType == field.DeclaringType)
            return false;
        if (field.IsStatic)
            return true;
        if (field.DeclaringType.IsValueType)
            return field.DeclaringType.Name == "CountWord" && !method.IsStatic && method.DeclaringType == field.DeclaringType;
        return instruction.Previous?.OpCode.Code != Code.Readonly;
    }

    // lock (_collection): what is loaded is used as a monitor only. Ahead of the call stand the copies that the compiler makes.
    private static bool IsLocked(Instruction load)
    {
        if (load.Next is not { OpCode.Code: Code.Stloc, Operand: VariableDefinition copy })
            return false;
        Instruction? at = load.Next.Next;
        for (int i = 0; i < 6 && at is not null; i++, at = at.Next)
        {
            if (at is { OpCode.Code: Code.Call, Operand: MethodReference { DeclaringType.FullName: "System.Threading.Monitor", Name: "Enter" } })
                return at.Previous.Operand == copy || at.Previous.Previous?.Operand == copy;
        }

        return false;
    }

    private void WeavePlain(MethodDefinition method, ILProcessor code, Instruction instruction, FieldReference field, bool writes, string line)
    {
        // A field that is declared volatile: the prefix makes the access one of Volatile's.
        bool isVolatile = instruction.Previous?.OpCode.Code == Code.Volatile;
        if (isVolatile)
            instruction.Previous!.OpCode = OpCodes.Nop;
        string order = isVolatile ? "Volatile" : _sharedFields.Contains(KeyOf(field)) ? "Shared" : "";
        string access = writes ? "Write" : "Read";
        int site = NewSite(method, isVolatile ? $"Volatile.{access}" : writes ? "plain write" : "plain read", field.Name, line);
        MethodReference seam = Plain(access + order, TypeOf(field));
        OpCode address = instruction.OpCode.Code is Code.Ldsfld or Code.Stsfld ? OpCodes.Ldsflda : OpCodes.Ldflda;
        if (writes)
        {
            VariableDefinition value = new(TypeOf(field));
            method.Body.Variables.Add(value);
            instruction.OpCode = OpCodes.Stloc;
            instruction.Operand = value;
            Instruction call = code.Create(OpCodes.Call, seam);
            code.InsertAfter(instruction, call);
            code.InsertBefore(call, code.Create(address, field));
            code.InsertBefore(call, code.Create(OpCodes.Ldloc, value));
            code.InsertBefore(call, code.Create(OpCodes.Ldc_I4, site));
        }
        else
        {
            instruction.OpCode = address;
            Instruction call = code.Create(OpCodes.Call, seam);
            code.InsertAfter(instruction, call);
            code.InsertBefore(call, code.Create(OpCodes.Ldc_I4, site));
        }
    }

    // field = default, of a generic type.
    private void WeaveClearing(MethodDefinition method, ILProcessor code, Instruction instruction, FieldReference reference, string line)
    {
        if (reference.Resolve() is not { IsInitOnly: false } field || field.Module != _module || !IsWord(reference.FieldType) || !IsFieldOfThis(method, field, instruction))
            return;
        int site = NewSite(method, "plain write", field.Name, line);
        MethodReference seam = Plain(_sharedFields.Contains(KeyOf(reference)) ? "ClearShared" : "Clear", TypeOf(reference));
        instruction.OpCode = OpCodes.Ldc_I4;
        instruction.Operand = site;
        code.InsertAfter(instruction, code.Create(OpCodes.Call, seam));
    }

    private void WeaveCollection(MethodDefinition method, ILProcessor code, Instruction instruction, FieldReference field, string line)
    {
        int site = NewSite(method, "collection", field.Name, line);
        Instruction call = code.Create(OpCodes.Call, Plain("Use", TypeOf(field)));
        code.InsertAfter(instruction, call);
        code.InsertBefore(call, code.Create(OpCodes.Ldc_I4, site));
    }

    private void WeaveThreadStatic(ILProcessor code, Instruction instruction, FieldDefinition field, bool writes)
    {
        string key = KeyOf(field);
        int number = _threadStatics.IndexOf(key);
        if (number < 0)
        {
            number = _threadStatics.Count;
            _threadStatics.Add(key);
        }

        if (field.FieldType.IsValueType)
        {
            Unmodelled.Add($"{key} is a thread-static value");
            return;
        }

        MethodReference access = _module.ImportReference(_seam.GetType("GilSharp.Races.Seam.ThreadSeam").Methods.Single(method => method.Name == (writes ? "SetStatic" : "GetStatic")));
        GenericInstanceMethod made = new(access);
        made.GenericArguments.Add(field.FieldType);
        instruction.OpCode = OpCodes.Ldc_I4;
        instruction.Operand = number;
        code.InsertAfter(instruction, code.Create(OpCodes.Call, made));
    }

    private void WeaveCanSpin(MethodDefinition method, ILProcessor code, Instruction instruction, bool writes, string line)
    {
        if (writes)
            return;
        int site = NewSite(method, "CanSpin", "", line);
        instruction.OpCode = OpCodes.Ldc_I4;
        instruction.Operand = site;
        code.InsertAfter(instruction, code.Create(OpCodes.Call, _module.ImportReference(
            _seam.GetType("GilSharp.Races.Seam.ThreadSeam").Methods.Single(static method => method.Name == "CanSpin"))));
    }

    private GenericInstanceMethod Plain(string name, TypeReference type)
    {
        MethodDefinition method = _seam.GetType("GilSharp.Races.Seam.PlainSeam").Methods.Single(method => method.Name == name && method.IsPublic);
        GenericInstanceMethod made = new(_module.ImportReference(method));
        made.GenericArguments.Add(type);
        return made;
    }

    // The type of a field of a generic type, seen from where it is used.
    private TypeReference TypeOf(FieldReference field) =>
        field.DeclaringType is GenericInstanceType declaring ? Substitute(Bare(field.FieldType), declaring) : Bare(field.FieldType);

    private TypeReference Substitute(TypeReference type, GenericInstanceType declaring)
    {
        switch (type)
        {
            case GenericParameter { Type: GenericParameterType.Type } parameter:
                return declaring.GenericArguments[parameter.Position];
            case GenericInstanceType generic:
                GenericInstanceType made = new(generic.ElementType);
                foreach (TypeReference argument in generic.GenericArguments)
                    made.GenericArguments.Add(Substitute(argument, declaring));
                return made;
            case ArrayType array:
                return new ArrayType(Substitute(array.ElementType, declaring), array.Rank);
            default:
                return type;
        }
    }
}
