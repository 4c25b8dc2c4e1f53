using System.Buffers.Binary;

namespace GilSharp.Serialization;

/// <summary>The instructions that the search for captured variables looks at (ECMA-335, partition III).</summary>
internal static class OpCode
{
    public const ushort Call = 0x28, Callvirt = 0x6F, Newobj = 0x73, Ldftn = 0xFE06, Ldvirtftn = 0xFE07;
    public const ushort Ldfld = 0x7B, Ldflda = 0x7C, Stfld = 0x7D, Stobj = 0x81, Ldobj = 0x71, Ldtoken = 0xD0, Initobj = 0xFE15, Switch = 0x45;
}

/// <summary>One instruction; of its operand the first four bytes, where it has one: a token, a distance, the number of a variable.</summary>
internal readonly record struct Instruction(ushort Code, int Operand)
{
    public int Token => Operand;
}

/// <summary>Walks over the bytes of a method. A struct, so that a copy looks ahead.</summary>
internal struct InstructionReader(byte[] code)
{
    /// <summary>The offset of the next instruction.</summary>
    public int At { get; private set; }

    public bool TryRead(out Instruction instruction)
    {
        instruction = default;
        if (At >= code.Length)
            return false;

        ushort opCode = code[At++];
        if (opCode == 0xFE && At < code.Length)
            opCode = (ushort)(0xFE00 | code[At++]);

        int size = OperandSize(opCode);
        int operand = size switch
        {
            1 => IsBranch(opCode) ? (sbyte)code[At] : code[At],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(code.AsSpan(At)),
            4 => BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(At)),
            _ => 0,
        };
        if (opCode == OpCode.Switch)
            size = 4 + (4 * operand);

        instruction = new Instruction(opCode, operand);
        At += size;
        return true;
    }

    /// <summary>Where a branch leads that was just read.</summary>
    public readonly InstructionReader Follow(in Instruction branch) => this with { At = At + branch.Operand };

    /// <summary>Where a switch leads that was just read, besides to the next instruction.</summary>
    public readonly InstructionReader Follow(in Instruction @switch, int index) =>
        this with { At = At + BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(At - (4 * (@switch.Operand - index)))) };

    /// <summary>The same method from its first instruction.</summary>
    public readonly InstructionReader FromStart() => this with { At = 0 };

    private static bool IsBranch(ushort opCode) => opCode is (>= 0x2B and <= 0x37) or 0xDE;

    private static int OperandSize(ushort opCode) => opCode switch
    {
        >= 0x0E and <= 0x13 => 1,
        0x1F => 1,
        0x20 or 0x22 => 4,
        0x21 or 0x23 => 8,
        >= 0x27 and <= 0x29 => 4,
        >= 0x2B and <= 0x37 => 1,
        >= 0x38 and <= OpCode.Switch => 4,
        >= 0x6F and <= 0x75 => 4,
        0x79 => 4,
        >= 0x7B and <= 0x81 => 4,
        0x8C or 0x8D or 0x8F => 4,
        >= 0xA3 and <= 0xA5 => 4,
        0xC2 or 0xC6 or 0xD0 or 0xDD => 4,
        0xDE => 1,
        0xFE06 or 0xFE07 or 0xFE15 or 0xFE16 or 0xFE1C => 4,
        >= 0xFE09 and <= 0xFE0E => 2,
        0xFE12 or 0xFE19 => 1,
        _ => 0,
    };
}
