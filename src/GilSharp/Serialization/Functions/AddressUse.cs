using System.Reflection;
using System.Runtime.InteropServices;

namespace GilSharp.Serialization;

/// <summary>What becomes of the address of a captured variable: read through it, or perhaps assigned through it.</summary>
/// <remarks>
/// <code>
/// read       loads through it; comparisons; a receiver of struct methods, which says nothing about what they do; in and ref readonly parameters
/// goes on    the address of a field in it; what a method returns by reference that was given it; arithmetic; a local variable that takes it
/// assigned   stores through it; ref and out parameters; properties of a struct that store in it; and everything else: what is not understood may be one
/// </code>
/// Follows the code from where the address is taken, every way that it may go, until the address is used up. Of the stack only that is known
/// which of its places above the address hold it or one made from it.
/// </remarks>
internal sealed class AddressUse
{
    private const int MaxHeight = 60; // less than the bits of a path, with room for one instruction

    private readonly Func<int, MemberInfo?> _resolve;
    private readonly bool _returnsReadOnly;
    private readonly Stack<Path> _toFollow = new();
    private readonly HashSet<(int At, int Height, ulong Addresses)> _seen = [];
    private readonly HashSet<int> _locals = [];

    private AddressUse(Func<int, MemberInfo?> resolve, bool returnsReadOnly)
    {
        _resolve = resolve;
        _returnsReadOnly = returnsReadOnly;
    }

    /// <param name="rest">The code after the instruction that takes the address.</param>
    /// <param name="method">Whose code it is.</param>
    /// <param name="resolve">The member that a token names; null if it is not there.</param>
    public static bool IsAssignment(InstructionReader rest, MethodBase method, Func<int, MemberInfo?> resolve)
    {
        bool returnsReadOnly = method is MethodInfo { ReturnParameter: { } returned } && Array.IndexOf(returned.GetRequiredCustomModifiers(), typeof(InAttribute)) >= 0;
        var use = new AddressUse(resolve, returnsReadOnly);
        use._toFollow.Push(Path.WithAddress(rest));
        while (use._toFollow.TryPop(out Path path))
        {
            if (use.EndsInAssignment(path))
                return true;
        }

        return false;
    }

    private bool EndsInAssignment(Path path)
    {
        while (path.HoldsAddress && _seen.Add(path.Key))
        {
            if (path.Height > MaxHeight)
                return true;

            if (!path.Code.TryRead(out Instruction next))
                return false;

            switch (next.Code)
            {
                case 0x00 or 0x01 or 0xFE12 or 0xFE13 or 0xFE14 or 0xFE16 or 0xFE19 or 0xFE1E: // nop, break, prefixes
                    break;
                case (>= 0x02 and <= 0x09) or 0x0E or 0x0F or 0x11 or 0x12 or (>= 0x14 and <= 0x23) or 0x72 or 0x7E or 0x7F or OpCode.Ldtoken or 0xFE00 or OpCode.Ldftn
                    or 0xFE09 or 0xFE0A or 0xFE0C or 0xFE0D or 0xFE1C: // what loads without looking at the stack
                    path.Push(false);
                    break;
                case (>= 0x0A and <= 0x0D) or 0x13 or 0xFE0E: // stloc
                    if (path.Pop() && !TryFollowLocal(path.Code.FromStart(), next.Code is 0x13 or 0xFE0E ? next.Operand : next.Code - 0x0A))
                        return true;

                    break;
                case 0x25: // dup
                    bool top = path.Pop();
                    path.Push(top);
                    path.Push(top);
                    break;
                case 0x26: // pop
                    path.Pop();
                    break;
                case OpCode.Call or OpCode.Callvirt or OpCode.Newobj:
                    if (_resolve(next.Token) is not MethodBase called || IsWrittenBy(called, next.Code == OpCode.Newobj, ref path))
                        return true;

                    break;
                case 0x2A: // ret
                    return path.Pop() && !_returnsReadOnly;
                case 0x2B or 0x38: // br
                    path.Code = path.Code.Follow(next);
                    break;
                case 0x2C or 0x2D or 0x39 or 0x3A: // brfalse, brtrue
                    path.Pop();
                    _toFollow.Push(path with { Code = path.Code.Follow(next) });
                    break;
                case (>= 0x2E and <= 0x37) or (>= 0x3B and <= 0x44): // comparing branches
                    path.Pop();
                    path.Pop();
                    _toFollow.Push(path with { Code = path.Code.Follow(next) });
                    break;
                case OpCode.Switch:
                    path.Pop();
                    for (int i = 0; i < next.Operand; i++)
                        _toFollow.Push(path with { Code = path.Code.Follow(next, i) });

                    break;
                case (>= 0x46 and <= 0x50) or OpCode.Ldobj or OpCode.Ldfld: // loads through it
                    path.Pop();
                    path.Push(false);
                    break;
                case (>= 0x51 and <= 0x57) or 0xDF or OpCode.Stobj or OpCode.Stfld: // stores through it, or of it
                    if (path.Pop() | path.Pop())
                        return true;

                    break;
                case 0x70: // cpobj
                    path.Pop();
                    if (path.Pop())
                        return true;

                    break;
                case OpCode.Initobj:
                    if (path.Pop())
                        return true;

                    break;
                case (>= 0x58 and <= 0x64) or (>= 0xD6 and <= 0xDB): // arithmetic of two
                    path.Push(path.Pop() | path.Pop());
                    break;
                case OpCode.Ldflda or (>= 0x65 and <= 0x6E) or 0x76 or (>= 0x82 and <= 0x8B) or (>= 0xB3 and <= 0xBA) or 0xC3 or (>= 0xD1 and <= 0xD5) or 0xE0: // of one
                    break;
                case >= 0xFE01 and <= 0xFE05: // comparisons
                    path.Pop();
                    path.Pop();
                    path.Push(false);
                    break;
                case 0x74 or 0x75 or 0x79 or 0x8C or 0x8D or 0x8E or 0xA5 or 0xC2 or 0xFE07 or 0xFE0F or 0xFE1D: // what makes another value of one
                    if (path.Pop())
                        return true;

                    path.Push(false);
                    break;
                case (>= 0x8F and <= 0x9A) or 0xA3: // elements of arrays
                    if (path.Pop() | path.Pop())
                        return true;

                    path.Push(false);
                    break;
                case (>= 0x9B and <= 0xA2) or 0xA4: // into arrays
                    if (path.Pop() | path.Pop() | path.Pop())
                        return true;

                    break;
                case 0x10 or 0x80 or 0xFE0B: // starg, stsfld
                    if (path.Pop())
                        return true;

                    break;
                case 0x7A or 0xDC or 0xDD or 0xDE or 0xFE11 or 0xFE1A: // what leaves the stack behind
                    return false;
                default:
                    return true;
            }
        }

        return false;
    }

    /// <summary>Wherever the variable is loaded, whatever was put there meanwhile. False if what happens to it can't be seen.</summary>
    private bool TryFollowLocal(InstructionReader code, int local)
    {
        if (!_locals.Add(local))
            return true;

        while (code.TryRead(out Instruction next))
        {
            switch (next.Code)
            {
                case (>= 0x06 and <= 0x09) when next.Code - 0x06 == local:
                case 0x11 or 0xFE0C when next.Operand == local:
                    _toFollow.Push(Path.WithAddress(code));
                    break;
                case 0x12 or 0xFE0D when next.Operand == local:
                    return false;
            }
        }

        return true;
    }

    private static bool IsWrittenBy(MethodBase method, bool isNew, ref Path path)
    {
        ParameterInfo[] parameters = method.GetParameters();
        bool given = false;
        for (int i = parameters.Length - 1; i >= 0; i--)
        {
            if (!path.Pop())
                continue;

            given = true;
            if (!IsRead(parameters[i]) && !TakesElement(method))
                return true;
        }

        if (!isNew && !method.IsStatic && path.Pop())
        {
            given = true;
            if (method.IsConstructor || IsSetter(method))
                return true;
        }

        Type result = isNew ? typeof(object) : method is MethodInfo { ReturnType: var type } ? type : typeof(void);
        if (result != typeof(void))
            path.Push(given && (result.IsByRef || result.IsPointer));

        return false;
    }

    private static bool IsSetter(MethodBase method)
    {
        if (!method.IsSpecialName || !method.Name.StartsWith("set_", StringComparison.Ordinal) || CapturedVariables.BytesOf(method) is not { } code)
            return false;

        Type[]? typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var instructions = new InstructionReader(code);
        while (instructions.TryRead(out Instruction next))
        {
            if (next.Code == OpCode.Stfld && CapturedVariables.Resolve(method.Module, next.Token, typeArguments, null) is { DeclaringType.IsValueType: true })
                return true;
        }

        return false;
    }

    /// <summary>The compiler's own helper for elements of inline arrays, for reading them as well.</summary>
    private static bool TakesElement(MethodBase method) =>
        method is MethodInfo { ReturnType.IsByRef: true } && method.DeclaringType is { Name: "<PrivateImplementationDetails>" };

    private static bool IsRead(ParameterInfo parameter) =>
        parameter.ParameterType.IsByRef && (parameter.IsIn || parameter.IsDefined(typeof(InAttribute), inherit: false)) && !parameter.IsOut;

    /// <summary>A place in the code, and what of the stack is known there.</summary>
    private record struct Path
    {
        private ulong _addresses; // one bit for each place, the lowest first

        public InstructionReader Code;

        public int Height { get; private set; }

        public readonly bool HoldsAddress => _addresses != 0;

        public readonly (int, int, ulong) Key => (Code.At, Height, _addresses);

        public static Path WithAddress(InstructionReader code) => new() { Code = code, Height = 1, _addresses = 1 };

        public void Push(bool address)
        {
            if (address)
                _addresses |= 1UL << Height;

            Height++;
        }

        /// <summary>Whether an address was on top. What lies below the first one is none.</summary>
        public bool Pop()
        {
            if (Height == 0)
                return false;

            ulong top = 1UL << --Height;
            bool address = (_addresses & top) != 0;
            _addresses &= ~top;
            return address;
        }
    }
}
