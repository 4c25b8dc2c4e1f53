using System.Runtime.CompilerServices;
using GilSharp.Races.Exploring;

namespace GilSharp.Races.Seam;

/// <summary>Takes the place of plain reads and writes of fields in the explored code.</summary>
/// <remarks>
/// A field that is also used by interlocked or volatile operations, or that is racy by design, has a history: a plain read of it may be stale,
/// and is a point. Every other field must be free of races, so its accesses need no point.
/// </remarks>
internal static class PlainSeam
{
    public static T ReadShared<T>(ref T place, int site)
    {
        if (VirtualThread.Current is not { } me)
            return place;
        if (!typeof(T).IsValueType)
        {
            object? found = ReadShared(me, ref Unsafe.As<T, object?>(ref place), site);
            return Unsafe.As<object?, T>(ref found);
        }

        return ReadShared(me, ref place, site);
    }

    /// <summary>A field that is declared volatile.</summary>
    public static T ReadVolatile<T>(ref T place, int site)
    {
        if (VirtualThread.Current is not { } me)
            return place;
        if (typeof(T).IsValueType)
            return ReadShared(me, ref place, site, acquire: Faults.At(site) != Fault.Unordered);
        object? found = ReadShared(me, ref Unsafe.As<T, object?>(ref place), site, acquire: Faults.At(site) != Fault.Unordered);
        return Unsafe.As<object?, T>(ref found);
    }

    public static void WriteVolatile<T>(ref T place, T value, int site)
    {
        if (VirtualThread.Current is not { } me)
            place = value;
        else if (typeof(T).IsValueType)
            WriteShared(me, ref place, value, site, release: Faults.At(site) != Fault.Unordered);
        else
            WriteShared<object?>(me, ref Unsafe.As<T, object?>(ref place), value, site, release: Faults.At(site) != Fault.Unordered);
    }

    public static void WriteShared<T>(ref T place, T value, int site)
    {
        if (VirtualThread.Current is not { } me)
            place = value;
        else if (!typeof(T).IsValueType)
            WriteShared<object?>(me, ref Unsafe.As<T, object?>(ref place), value, site);
        else
            WriteShared(me, ref place, value, site);
    }

    public static T Read<T>(ref T place, int site)
    {
        if (VirtualThread.Current is { } me)
        {
            if (Faults.At(site) == Fault.Skipped)
                return default!;
            me.Execution.PlainRead(me, ref Unsafe.As<T, byte>(ref place), site);
        }

        return place;
    }

    public static void Write<T>(ref T place, T value, int site)
    {
        if (VirtualThread.Current is { } me)
        {
            if (Faults.At(site) == Fault.Skipped)
                return;
            me.Execution.PlainWrite(me, ref Unsafe.As<T, byte>(ref place), site);
        }

        place = value;
    }

    public static void ClearShared<T>(ref T place, int site) => WriteShared(ref place, default!, site);

    public static void Clear<T>(ref T place, int site) => Write(ref place, default!, site);

    /// <summary>A collection was loaded from its field, to be used.</summary>
    public static T Use<T>(T collection, int site)
        where T : class?
    {
        if (collection is not null && VirtualThread.Current is { } me)
            me.Execution.UseCollection(me, collection, site);
        return collection;
    }

    private static T ReadShared<T>(VirtualThread me, ref T place, int site, bool acquire = false)
    {
        me.Execution.Point(me);
        T value = me.Execution.Read(me, ref place, acquire);
        me.Execution.Log?.Add(me, $"plain read{Sites.Field(site)}{(EqualityComparer<T>.Default.Equals(value, place) ? "" : " (stale)")}", site, StepLog.Show(value));
        return value;
    }

    private static void WriteShared<T>(VirtualThread me, ref T place, T value, int site, bool release = false)
    {
        me.Execution.Point(me);
        Fault fault = Faults.At(site);
        if (fault != Fault.Skipped)
            me.Execution.Write(me, ref place, value, release);
        me.Execution.Log?.Add(me, $"{(fault == Fault.None ? "" : $"FAULT ({fault}): ")}plain write{Sites.Field(site)} {StepLog.Show(value)}", site, "");
    }
}
