using System.Runtime.CompilerServices;
using GilSharp.Races.Exploring;

namespace GilSharp.Races.Seam;

/// <summary>Takes the place of <see cref="Interlocked"/> in the explored code.</summary>
internal static class InterlockedSeam
{
    public static long Read(ref readonly long place, int site) => Change(ref Unsafe.AsRef(in place), site, static (old, _) => old, 0, "read");

    public static int Increment(ref int place, int site) => Change(ref place, site, static (old, _) => old + 1, 0, "increment") + 1;

    public static long Increment(ref long place, int site) => Change(ref place, site, static (old, _) => old + 1, 0, "increment") + 1;

    public static int Decrement(ref int place, int site) => Change(ref place, site, static (old, _) => old - 1, 0, "decrement") - 1;

    public static long Decrement(ref long place, int site) => Change(ref place, site, static (old, _) => old - 1, 0, "decrement") - 1;

    public static int Or(ref int place, int value, int site) => Change(ref place, site, static (old, value) => old | value, value, "or");

    public static long Or(ref long place, long value, int site) => Change(ref place, site, static (old, value) => old | value, value, "or");

    public static int And(ref int place, int value, int site) => Change(ref place, site, static (old, value) => old & value, value, "and");

    public static long And(ref long place, long value, int site) => Change(ref place, site, static (old, value) => old & value, value, "and");

    public static int Exchange(ref int place, int value, int site) => Change(ref place, site, static (_, value) => value, value, "exchange");

    public static long Exchange(ref long place, long value, int site) => Change(ref place, site, static (_, value) => value, value, "exchange");

    public static T Exchange<T>(ref T place, T value, int site)
        where T : class? => Unsafe.As<T>(Change<object?>(ref Unsafe.As<T, object?>(ref place), site, static (_, value) => value, value, "exchange"))!;

    public static int CompareExchange(ref int place, int value, int comparand, int site) => Swap(ref place, value, comparand, site);

    public static long CompareExchange(ref long place, long value, long comparand, int site) => Swap(ref place, value, comparand, site);

    public static T CompareExchange<T>(ref T place, T value, T comparand, int site)
        where T : class? => Unsafe.As<T>(Swap<object?>(ref Unsafe.As<T, object?>(ref place), value, comparand, site))!;

    public static void MemoryBarrier(int site)
    {
        if (VirtualThread.Current is not { } me)
        {
            Interlocked.MemoryBarrier();
            return;
        }

        me.Execution.Point(me);
        if (Faults.At(site) == Fault.None)
            me.Execution.Fence(me);
        me.Execution.Log?.Add(me, $"{Mark(Faults.At(site))}full fence", site, "");
    }

    private static T Change<T>(ref T place, int site, Func<T, T, T> change, T operand, string name)
    {
        if (VirtualThread.Current is not { } me)
        {
            T before = place;
            place = change(before, operand);
            return before;
        }

        Execution execution = me.Execution;
        execution.Point(me);
        Fault fault = Faults.At(site);
        T old;
        switch (fault)
        {
            case Fault.Split:
                old = execution.Read(me, ref place, acquire: false);
                execution.Log?.Add(me, $"FAULT: {name} begins, reads{Sites.Field(site)}", site, StepLog.Show(old));
                execution.Point(me);
                execution.Write(me, ref place, change(old, operand), release: false);
                break;
            case Fault.Skipped:
                old = execution.Read(me, ref place, acquire: true);
                break;
            default:
                old = execution.Latest(me, ref place);
                execution.Exchange(me, ref place, change(old, operand), writes: true, fence: fault != Fault.Unordered);
                break;
        }

        execution.Log?.Add(me, $"{Mark(fault)}{name}{Sites.Field(site)} {StepLog.Show(old)} ⇒ {StepLog.Show(change(old, operand))}", site, "");
        return old;
    }

    private static T Swap<T>(ref T place, T value, T comparand, int site)
    {
        if (VirtualThread.Current is not { } me)
        {
            T before = place;
            if (Equal(before, comparand))
                place = value;
            return before;
        }

        Execution execution = me.Execution;
        execution.Point(me);
        Fault fault = Faults.At(site);
        T old;
        switch (fault)
        {
            case Fault.Split:
                old = execution.Read(me, ref place, acquire: false);
                execution.Log?.Add(me, $"FAULT: compare-and-swap begins, reads{Sites.Field(site)}", site, StepLog.Show(old));
                execution.Point(me);
                if (Equal(old, comparand))
                    execution.Write(me, ref place, value, release: false);
                break;
            case Fault.Skipped:
                old = comparand;
                break;
            case Fault.Blind:
                execution.Exchange(me, ref place, value, writes: true, fence: true);
                old = comparand;
                break;
            default:
                old = execution.Latest(me, ref place);
                execution.Exchange(me, ref place, value, writes: Equal(old, comparand), fence: fault != Fault.Unordered);
                break;
        }

        execution.Log?.Add(me,
            $"{Mark(fault)}compare-and-swap{Sites.Field(site)} from {StepLog.Show(comparand)} to {StepLog.Show(value)}", site,
            Equal(old, comparand) ? "done" : $"found {StepLog.Show(old)}");
        return old;
    }

    private static bool Equal<T>(T one, T other) => typeof(T) == typeof(object) ? ReferenceEquals(one, other) : EqualityComparer<T>.Default.Equals(one, other);

    private static string Mark(Fault fault) => fault == Fault.None ? "" : $"FAULT ({fault}): ";
}
