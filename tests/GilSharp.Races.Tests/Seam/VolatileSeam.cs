using System.Runtime.CompilerServices;
using GilSharp.Races.Exploring;

namespace GilSharp.Races.Seam;

/// <summary>Takes the place of <see cref="Volatile"/> in the explored code.</summary>
internal static class VolatileSeam
{
    public static int Read(ref int place, int site) => ReadAt(ref place, site);

    public static long Read(ref long place, int site) => ReadAt(ref place, site);

    public static bool Read(ref bool place, int site) => ReadAt(ref place, site);

    public static T Read<T>(ref readonly T place, int site)
        where T : class? => Unsafe.As<T>(ReadAt(ref Unsafe.As<T, object?>(ref Unsafe.AsRef(in place)), site))!;

    public static void Write(ref int place, int value, int site) => WriteAt(ref place, value, site);

    public static void Write(ref long place, long value, int site) => WriteAt(ref place, value, site);

    public static void Write(ref bool place, bool value, int site) => WriteAt(ref place, value, site);

    public static void Write<T>(ref T place, T value, int site)
        where T : class? => WriteAt<object?>(ref Unsafe.As<T, object?>(ref place), value, site);

    public static void ReadBarrier(int site)
    {
        if (VirtualThread.Current is not { } me || Faults.At(site) != Fault.None)
            return;
        me.View.AcquireFence();
        me.Execution.Log?.Add(me, "read barrier", site, "");
    }

    private static T ReadAt<T>(ref T place, int site)
    {
        if (VirtualThread.Current is not { } me)
            return place;
        me.Execution.Point(me);
        T value = me.Execution.Read(me, ref place, acquire: Faults.At(site) != Fault.Unordered);
        me.Execution.Log?.Add(me, $"read{Sites.Field(site)}{(Unsafe.IsNullRef(ref place) || Same(value, place) ? "" : " (stale)")}", site, StepLog.Show(value));
        return value;
    }

    private static void WriteAt<T>(ref T place, T value, int site)
    {
        if (VirtualThread.Current is not { } me)
        {
            place = value;
            return;
        }

        me.Execution.Point(me);
        Fault fault = Faults.At(site);
        if (fault != Fault.Skipped)
            me.Execution.Write(me, ref place, value, release: fault != Fault.Unordered);
        me.Execution.Log?.Add(me, $"{(fault == Fault.None ? "" : $"FAULT ({fault}): ")}write{Sites.Field(site)} {StepLog.Show(value)}", site, "");
    }

    private static bool Same<T>(T one, T other) => EqualityComparer<T>.Default.Equals(one, other);
}
