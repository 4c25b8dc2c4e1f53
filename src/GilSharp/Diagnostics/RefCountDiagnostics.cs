namespace GilSharp;

/// <summary>Finds references that are taken and never given up.</summary>
/// <remarks>
/// The garbage collector does not release a counted value: a handle that is forgotten keeps the count up for ever. With leak detection on, a forgotten
/// handle is noticed when it is collected. Besides the event, every watched leak is counted by the instrument <c>gilsharp.refcount.leaks</c> of
/// the meter <c>GilSharp</c>.
/// </remarks>
/// <example><code>
/// RefCountDiagnostics.LeakDetection = LeakDetectionLevel.Full;
/// RefCountDiagnostics.LeakDetected += (_, leak) => Console.Error.WriteLine($"{leak.ValueType} forgotten:\n{leak.CreationStackTrace}");
/// </code></example>
public static class RefCountDiagnostics
{
    private static int s_level;

    /// <summary>
    /// Raised once for each type of value and place where a forgotten reference was taken, on a thread pool thread; the sender is null. An exception
    /// from a handler is swallowed: there is nobody to hear of it. The first 1,024 places are told apart; what comes after goes to the metric only.
    /// </summary>
    public static event EventHandler<RefCountLeakEventArgs>? LeakDetected;

    /// <summary>
    /// How many references are watched; <see cref="LeakDetectionLevel.Disabled"/> by default. A change holds for handles that are made after it, and for
    /// leases and guards taken from those.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no level.</exception>
    public static LeakDetectionLevel LeakDetection
    {
        get => (LeakDetectionLevel)Volatile.Read(ref s_level);
        set
        {
            if (!Enum.IsDefined(value))
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "Choose LeakDetectionLevel.Disabled, Sampled or Full.");
            }

            Volatile.Write(ref s_level, (int)value);
        }
    }

    internal static bool IsDisabled => Volatile.Read(ref s_level) == (int)LeakDetectionLevel.Disabled;

    internal static void Raise(RefCountLeakEventArgs leak)
    {
        foreach (EventHandler<RefCountLeakEventArgs> handler in Delegate.EnumerateInvocationList(LeakDetected))
        {
            try
            {
                handler(null, leak);
            }
            catch (Exception)
            {
                // One handler's failure is neither the other handlers' business nor a reason to end the process.
            }
        }
    }
}
