using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;

namespace GilSharp.Serialization;

internal delegate void WriteFields(ref GraphWriter writer, object value);

internal delegate void ReadFields(ref GraphReader reader, object value);

internal delegate void WriteStruct<T>(ref GraphWriter writer, ref T value);

internal delegate void ReadStruct<T>(ref GraphReader reader, ref T value);

/// <summary>Generated code for the fields of a class.</summary>
internal sealed record ClassAccess(WriteFields Write, ReadFields Read);

/// <summary>Generated code for the fields of a struct.</summary>
internal sealed record StructAccess<T>(WriteStruct<T> Write, ReadStruct<T> Read);

/// <summary>Generates what <see cref="FieldPlan"/> does by reflection: no boxes, and the raw pieces written in place.</summary>
internal static class EmittedAccess
{
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Asked for only where RuntimeFeature.IsDynamicCodeSupported.")]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "The members of this library that are called are named by nameof and kept by their other uses.")]
    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = "StructAccess has no constraints.")]
    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = "The constructor of StructAccess is kept by the type's use in StructConverter.")]
    public static object Create(Type type, FieldPlan.Slot[] slots)
    {
        var state = new State([.. slots.Select(static slot => slot.Converter)], [.. slots.Select(static slot => slot.Step)]);
        if (!type.IsValueType)
        {
            return new ClassAccess(
                Method(type, typeof(object), slots, reading: false).CreateDelegate<WriteFields>(state),
                Method(type, typeof(object), slots, reading: true).CreateDelegate<ReadFields>(state));
        }

        Type byReference = type.MakeByRefType();
        return Activator.CreateInstance(
            typeof(StructAccess<>).MakeGenericType(type),
            Method(type, byReference, slots, reading: false).CreateDelegate(typeof(WriteStruct<>).MakeGenericType(type), state),
            Method(type, byReference, slots, reading: true).CreateDelegate(typeof(ReadStruct<>).MakeGenericType(type), state))!;
    }

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "See Create.")]
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "See Create.")]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "See Create.")]
    private static DynamicMethod Method(Type type, Type parameter, FieldPlan.Slot[] slots, bool reading)
    {
        Type pen = reading ? typeof(GraphReader) : typeof(GraphWriter);
        var method = new DynamicMethod(reading ? "ReadFields" : "WriteFields", null, [typeof(State), pen.MakeByRefType(), parameter], type.Module, skipVisibility: true);
        ILGenerator il = method.GetILGenerator();
        LocalBuilder at = il.DeclareLocal(typeof(int));
        _ = il.BeginExceptionBlock();
        for (int i = 0; i < slots.Length; i++)
        {
            FieldInfo field = slots[i].Field;
            bool raw = slots[i].Converter.GetType() is { IsGenericType: true } converter && converter.GetGenericTypeDefinition() == typeof(BlitConverter<>);
            bool text = slots[i].Converter is StringConverter;
            if (reading)
                il.Emit(OpCodes.Ldarg_2);

            if (raw || text)
            {
                il.Emit(OpCodes.Ldarg_1);
            }
            else
            {
                il.Emit(OpCodes.Ldc_I4, i);
                il.Emit(OpCodes.Stloc, at);
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Ldfld, typeof(State).GetField(nameof(State.Converters))!);
                il.Emit(OpCodes.Ldc_I4, i);
                il.Emit(OpCodes.Ldelem_Ref);
                il.Emit(OpCodes.Ldarg_1);
            }

            if (!reading)
            {
                il.Emit(OpCodes.Ldarg_2);
                il.Emit(OpCodes.Ldfld, field);
            }

            MethodInfo step = raw ? pen.GetMethod(reading ? nameof(GraphReader.ReadUnmanaged) : nameof(GraphWriter.WriteUnmanaged))!.MakeGenericMethod(field.FieldType)
                : text ? pen.GetMethod(reading ? nameof(GraphReader.ReadString) : nameof(GraphWriter.WriteString))!
                : typeof(Converter<>).MakeGenericType(field.FieldType).GetMethod(reading ? "Read" : "Write")!;
            il.Emit(raw || text ? OpCodes.Call : OpCodes.Callvirt, step);
            if (reading)
                il.Emit(OpCodes.Stfld, field);
        }

        // Dynamic methods have no exception filters; a catch that rethrows keeps the path as well.
        LocalBuilder refusal = il.DeclareLocal(typeof(CallSerializationException));
        il.BeginCatchBlock(typeof(CallSerializationException));
        il.Emit(OpCodes.Stloc, refusal);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldloc, refusal);
        il.Emit(OpCodes.Ldloc, at);
        il.Emit(OpCodes.Call, typeof(State).GetMethod(nameof(State.Locate))!);
        il.Emit(OpCodes.Rethrow);
        il.EndExceptionBlock();
        il.Emit(OpCodes.Ret);
        return method;
    }

    internal sealed class State(Converter[] converters, string[] steps)
    {
        public readonly Converter[] Converters = converters;

        public void Locate(CallSerializationException refusal, int at) => FieldPlan.Slot.LocateAt(refusal, steps[at]);
    }
}
