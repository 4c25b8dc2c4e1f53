using System.Buffers;
using System.Globalization;
using GilSharp.Ipc;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Telemetry;

namespace GilSharp.Processes;

/// <summary>What surrounds a call and travels with it: the caller's culture, the call's name, how often it was tried.</summary>
/// <remarks>Sent only where it differs from what the worker knows already, so that most calls carry none.</remarks>
internal static class CallContext
{
    [Flags]
    private enum Parts : byte
    {
        None = 0,
        Culture = 1,
        Name = 2,
        Attempt = 4,
        Trace = 8,
    }

    /// <summary>True if a call made now has a context of its own.</summary>
    internal static bool IsNeeded(CallTerms? terms, WorkerCulture known) =>
        terms is { Name: not null } or { Retries: > 0 } or { Trace: not null } || !known.IsCurrent;

    /// <summary>Writes the context of a call made now. The attempt comes last, where a re-run finds it.</summary>
    internal static void Write(IBufferWriter<byte> buffer, CallTerms? terms, WorkerCulture known)
    {
        Parts parts = (known.IsCurrent ? Parts.None : Parts.Culture)
            | (terms?.Name is null ? Parts.None : Parts.Name)
            | (terms?.Trace is null ? Parts.None : Parts.Trace)
            | (terms is { Retries: > 0 } ? Parts.Attempt : Parts.None);
        buffer.Write([(byte)parts]);
        if ((parts & Parts.Culture) != 0)
        {
            WireText.Write(buffer, CultureInfo.CurrentCulture.Name);
            WireText.Write(buffer, CultureInfo.CurrentUICulture.Name);
        }

        if ((parts & Parts.Name) != 0) WireText.Write(buffer, terms!.Name);
        if ((parts & Parts.Trace) != 0) TraceContext.Write(buffer, terms!.Trace!);
        if ((parts & Parts.Attempt) != 0) WireText.Write(buffer, terms!.Attempt);
    }

    /// <summary>In the worker: makes the context of a call current until the scope ends.</summary>
    internal static Scope Enter(ReadOnlySpan<byte> context, WorkerCulture known)
    {
        CultureInfo culture = known.Culture, uiCulture = known.UICulture;
        string? name = null;
        int attempt = 1;
        CallSpan? span = null;
        if (context.Length > 0)
        {
            Parts parts = (Parts)context[0];
            context = context[1..];
            if ((parts & Parts.Culture) != 0)
            {
                culture = CultureInfo.GetCultureInfo(WireText.Read(ref context)!);
                uiCulture = CultureInfo.GetCultureInfo(WireText.Read(ref context)!);
            }

            if ((parts & Parts.Name) != 0) name = WireText.Read(ref context);
            if ((parts & Parts.Attempt) != 0) attempt = BitConverter.ToInt32(context[^sizeof(int)..]);
            if ((parts & Parts.Trace) != 0) span = TraceContext.Enter(ref context, name, attempt);
        }

        SetCulture(culture, uiCulture);
        WorkerContext.Describe(name, attempt);
        return new Scope(known, span);
    }

    // Setting is dearer than looking, and most calls change nothing.
    private static void SetCulture(CultureInfo culture, CultureInfo uiCulture)
    {
        if (!ReferenceEquals(CultureInfo.CurrentCulture, culture)) CultureInfo.CurrentCulture = culture;
        if (!ReferenceEquals(CultureInfo.CurrentUICulture, uiCulture)) CultureInfo.CurrentUICulture = uiCulture;
    }

    internal readonly struct Scope(WorkerCulture known, CallSpan? span) : IDisposable
    {
        /// <summary>The call threw. For an exception filter: always false.</summary>
        internal bool Note(Exception exception) => span?.Note(exception) ?? false;

        /// <summary>Whatever the call set, the next one begins with what it brings itself.</summary>
        public void Dispose()
        {
            span?.End();
            SetCulture(known.Culture, known.UICulture);
        }
    }
}

/// <summary>The cultures that were current where the pool was made: those of a call that brings none.</summary>
internal readonly record struct WorkerCulture(CultureInfo Culture, CultureInfo UICulture)
{
    internal static WorkerCulture Current => new(CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);

    internal bool IsCurrent => ReferenceEquals(Culture, CultureInfo.CurrentCulture) && ReferenceEquals(UICulture, CultureInfo.CurrentUICulture);
}
