using System.Reflection;
using System.Runtime.InteropServices;

namespace GilSharp.Serialization;

/// <summary>What becomes of the address of a captured variable: read through it, or assigned through it.</summary>
/// <remarks>
/// Follows the straight line of code after the address was taken, counting only how high the stack is above it. Where the line branches, or does
/// something unusual, the address counts as read.
/// </remarks>
internal static class AddressUse
{
    public static bool IsAssignment(InstructionReader rest, Func<int, MemberInfo?> resolve)
    {
        // The address itself is on top.
        int height = 1;
        while (rest.TryRead(out Instruction next))
        {
            switch (next.Code)
            {
                case OpCode.Initobj when height == 1:
                    return true;
                case OpCode.Stfld or OpCode.Stobj or (>= 0x51 and <= 0x57) or 0xDF when height == 2:
                    return true;
                case OpCode.Ldflda:
                    break;
                case OpCode.Ldfld or OpCode.Ldobj or (>= 0x46 and <= 0x50) when height == 1:
                    return false;
                case OpCode.Ldfld or OpCode.Ldobj or (>= 0x46 and <= 0x50) or (>= 0x65 and <= 0x6E) or 0x00 or OpCode.Constrained:
                    break;
                case >= 0x02 and <= 0x09 or 0x0E or 0x0F or 0x11 or 0x12 or (>= 0x14 and <= 0x23) or 0x25 or 0x72 or 0x7E or 0x7F:
                    height++;
                    break;
                case >= 0x58 and <= 0x64:
                    height--;
                    break;
                case OpCode.Call or OpCode.Callvirt or OpCode.Newobj:
                    if (resolve(next.Token) is not MethodBase method)
                        return false;

                    ParameterInfo[] parameters = method.GetParameters();
                    int receiver = method.IsStatic || next.Code == OpCode.Newobj ? 0 : 1;
                    int taken = parameters.Length + receiver;
                    if (taken >= height)
                        return IsWrittenBy(parameters, taken - height - receiver);

                    height += (method is MethodInfo { ReturnType: var result } ? (result == typeof(void) ? 0 : 1) : 1) - taken;
                    break;
                default:
                    return false;
            }

            if (height < 1)
                return false;
        }

        return false;
    }

    /// <param name="parameters">What the method takes.</param>
    /// <param name="index">Where the address goes; -1 for the receiver, which struct methods of all kinds take by address.</param>
    private static bool IsWrittenBy(ParameterInfo[] parameters, int index) =>
        index >= 0 && parameters[index].ParameterType.IsByRef && !parameters[index].IsIn && !parameters[index].IsDefined(typeof(InAttribute), inherit: false);
}
