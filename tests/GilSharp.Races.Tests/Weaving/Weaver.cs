using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace GilSharp.Races.Weaving;

/// <summary>Puts the explorer's seam under an assembly: every step that other threads can see becomes a call of the seam.</summary>
/// <remarks>
/// It works on the compiled assembly that ships, so the sources know nothing of it and there is no second compilation that could differ:
/// what is explored is the same intermediate code, instruction for instruction, but for these replacements:
/// <code>
///  Interlocked, Volatile, Monitor (lock), Thread, ThreadPool,    the method of the same name in GilSharp.Races.Seam, with the number
///  AutoResetEvent, Stopwatch, cancellation registrations         of the site as last argument
///  ldfld, stfld, ldsfld, stsfld of a mutable field               PlainSeam: with a history if the field is shared on purpose, else checked for races
///  ldfld of a collection                                         the same, and the collection counts as written to
///  a thread-static field                                         a field of the virtual thread
///  call of a method of the library                               skipped if a fault is planted there
/// </code>
/// </remarks>
internal sealed partial class Weaver : IDisposable
{
    // Types whose steps are explored; others run as they are, in one step.
    private static readonly string[] Explored =
    [
        "GilSharp.GlobalInterpreterLock", "GilSharp.RefCounted", "GilSharp.WeakRefCounted", "GilSharp.Locking.", "GilSharp.RefCounting.",
        "GilSharp.Ipc.StatusPage", "GilSharp.Ipc.Outbox", "GilSharp.Processes.Calls.", "GilSharp.Processes.Engine.", "GilSharp.Processes.Inline.",
    ];

    private static readonly string[] NotExplored = ["GilSharp.GlobalInterpreterLockTimeline", "GilSharp.Locking.LockObserver"];

    private readonly ModuleDefinition _module;
    private readonly List<string> _sites = [];
    private readonly HashSet<string> _sharedFields = [];
    private readonly Dictionary<string, int> _ordinals = [];
    private readonly List<string> _threadStatics = [];
    private Dictionary<int, string> _lines = [];

    internal Weaver(string path, string seamPath)
    {
        DefaultAssemblyResolver resolver = new();
        resolver.AddSearchDirectory(Path.GetDirectoryName(path));
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        bool hasSymbols = File.Exists(Path.ChangeExtension(path, ".pdb"));
        _module = ModuleDefinition.ReadModule(path, new ReaderParameters { AssemblyResolver = resolver, ReadSymbols = hasSymbols, InMemory = true });
        _seam = ModuleDefinition.ReadModule(seamPath, new ReaderParameters { AssemblyResolver = resolver, InMemory = true });
    }

    internal IReadOnlyList<string> Sites => _sites;

    /// <summary>Calls into the platform that make or wait for other threads and that the seam has no counterpart for.</summary>
    internal SortedSet<string> Unmodelled { get; } = new(StringComparer.Ordinal);

    internal SortedSet<string> SharedFields => new(_sharedFields, StringComparer.Ordinal);

    internal Guid Identity => _module.Mvid;

    internal byte[] Weave()
    {
        List<MethodDefinition> methods = [.. _module.GetTypes().Where(IsExplored).SelectMany(static type => type.Methods).Where(static method => method.HasBody)];
        foreach (MethodDefinition method in methods)
            FindSharedFields(method);
        foreach (string field in RacyFields.Reasons.Keys)
            _sharedFields.Add(field);
        foreach (MethodDefinition method in methods)
            Weave(method);
        using MemoryStream woven = new();
        _module.Write(woven);
        return woven.ToArray();
    }

    public void Dispose()
    {
        _module.Dispose();
        _seam.Dispose();
    }

    private static bool IsExplored(TypeDefinition type)
    {
        TypeDefinition outermost = type;
        while (outermost.DeclaringType is not null)
            outermost = outermost.DeclaringType;
        string name = outermost.FullName;
        return Explored.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) && !NotExplored.Contains(name);
    }

    // A field whose address goes to an interlocked or volatile operation.
    private void FindSharedFields(MethodDefinition method)
    {
        foreach (Instruction instruction in method.Body.Instructions)
        {
            if (instruction.OpCode.Code is Code.Ldflda or Code.Ldsflda && instruction.Operand is FieldReference field && IsWord(field.FieldType)
                && Consumer(instruction)?.DeclaringType.FullName is "System.Threading.Interlocked" or "System.Threading.Volatile")
            {
                _sharedFields.Add(KeyOf(field));
            }

            if (instruction is { OpCode.Code: Code.Volatile, Next.Operand: FieldReference marked })
                _sharedFields.Add(KeyOf(marked));
        }
    }

    // The call that takes what the instruction has put on the stack; null if something else takes it.
    private static MethodReference? Consumer(Instruction producer)
    {
        int above = 0;
        for (Instruction? at = producer.Next; at is not null; at = at.Next)
        {
            int taken = at.OpCode.StackBehaviourPop switch
            {
                StackBehaviour.Pop0 => 0,
                StackBehaviour.Pop1 or StackBehaviour.Popi or StackBehaviour.Popref => 1,
                StackBehaviour.Varpop when at.Operand is MethodReference called => called.Parameters.Count + (called.HasThis && at.OpCode.Code != Code.Newobj ? 1 : 0),
                StackBehaviour.Popi_popi_popi or StackBehaviour.Popref_popi_popi or StackBehaviour.Popref_popi_popi8 or StackBehaviour.Popref_popi_popr4
                    or StackBehaviour.Popref_popi_popr8 or StackBehaviour.Popref_popi_popref => 3,
                _ => 2,
            };
            if (taken > above)
                return at.Operand as MethodReference;
            above -= taken;
            above += at.OpCode.StackBehaviourPush switch
            {
                StackBehaviour.Push0 => 0,
                StackBehaviour.Push1_push1 => 2,
                StackBehaviour.Varpush when at.Operand is MethodReference called => called.ReturnType.MetadataType == MetadataType.Void ? 0 : 1,
                _ => 1,
            };
        }

        return null;
    }

    private void Weave(MethodDefinition method)
    {
        _lines = [];
        foreach (SequencePoint point in method.DebugInformation.SequencePoints.Where(static point => !point.IsHidden))
            _lines[point.Offset] = $"{Path.GetFileName(point.Document.Url)}:{point.StartLine}";
        method.Body.SimplifyMacros();
        Instruction[] instructions = [.. method.Body.Instructions];
        int[] offsets = [.. instructions.Select(static instruction => instruction.Offset)];
        ILProcessor code = method.Body.GetILProcessor();
        string line = "";
        for (int i = 0; i < instructions.Length; i++)
        {
            line = _lines.GetValueOrDefault(offsets[i], line);
            WeaveInstruction(method, code, instructions[i], line);
        }

        method.Body.OptimizeMacros();
    }

    private void WeaveInstruction(MethodDefinition method, ILProcessor code, Instruction instruction, string line)
    {
        switch (instruction.OpCode.Code)
        {
            case Code.Call or Code.Callvirt or Code.Newobj:
                WeaveCall(method, code, instruction, line);
                break;
            case Code.Ldfld or Code.Stfld or Code.Ldsfld or Code.Stsfld:
                WeaveField(method, code, instruction, line);
                break;
            case Code.Initobj when instruction.Previous is { OpCode.Code: Code.Ldflda, Operand: FieldReference field }:
                WeaveClearing(method, code, instruction, field, line);
                break;
        }
    }

    private int NewSite(MethodDefinition method, string operation, string field, string line)
    {
        string name = NameOf(method);
        string key = $"{name}\t{operation}";
        int ordinal = _ordinals[key] = _ordinals.GetValueOrDefault(key) + 1;
        _sites.Add($"{name}\t{operation}\t{ordinal}\t{field}\t{line}");
        return _sites.Count - 1;
    }

    private static string NameOf(MethodDefinition method)
    {
        string type = method.DeclaringType.FullName.Replace("GilSharp.", "", StringComparison.Ordinal).Replace('/', '.');
        foreach (string space in (string[])["Locking.", "RefCounting.", "Processes.Calls.", "Processes.Engine.", "Processes.Inline.", "Ipc."])
            type = type.StartsWith(space, StringComparison.Ordinal) ? type[space.Length..] : type;
        return $"{type}.{method.Name}";
    }

    // Without the mark of a volatile field.
    private static TypeReference Bare(TypeReference type) => type is RequiredModifierType marked ? marked.ElementType : type;

    private static bool IsWord(TypeReference marked) => Bare(marked) is { } type && (
        type.IsGenericParameter || !type.IsValueType || type.IsPrimitive || type.Resolve() is { IsEnum: true });

    private static string KeyOf(FieldReference field) => $"{field.DeclaringType.GetElementType().FullName}::{field.Name}";
}
