using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using GilSharp.Ipc;

namespace GilSharp.Processes.Telemetry;

/// <summary>An activity that has ended in a worker, as it travels, and its second life in the parent.</summary>
internal static class ActivityRecord
{
    private static readonly ConcurrentDictionary<(string Name, string? Version), ActivitySource> Sources = new();

    internal static void Write(IBufferWriter<byte> buffer, Activity activity)
    {
        WireText.Write(buffer, activity.Source.Name);
        WireText.Write(buffer, activity.Source.Version);
        WireText.Write(buffer, activity.OperationName);
        WireText.Write(buffer, activity.DisplayName);
        WireText.Write(buffer, (int)activity.Kind);
        WireText.Write(buffer, activity.TraceId.ToHexString());
        WireText.Write(buffer, activity.SpanId.ToHexString());
        WireText.Write(buffer, activity.ParentSpanId == default ? null : activity.ParentSpanId.ToHexString());
        WireText.Write(buffer, (int)activity.ActivityTraceFlags);
        WireText.Write(buffer, activity.HasRemoteParent ? 1 : 0);
        WireText.Write(buffer, activity.TraceStateString);
        WireText.Write(buffer, (int)activity.Status);
        WireText.Write(buffer, activity.StatusDescription);
        TagValues.Write(buffer, activity.StartTimeUtc.Ticks);
        TagValues.Write(buffer, activity.Duration.Ticks);
        WriteTags(buffer, activity.TagObjects);
        ActivityEvent[] events = [.. activity.Events];
        WireText.Write(buffer, events.Length);
        foreach (ActivityEvent happened in events)
        {
            WireText.Write(buffer, happened.Name);
            TagValues.Write(buffer, happened.Timestamp.UtcTicks);
            WriteTags(buffer, happened.Tags);
        }

        ActivityLink[] links = [.. activity.Links];
        WireText.Write(buffer, links.Length);
        foreach (ActivityLink link in links)
        {
            WireText.Write(buffer, $"00-{link.Context.TraceId.ToHexString()}-{link.Context.SpanId.ToHexString()}-{(int)link.Context.TraceFlags:x2}");
            WireText.Write(buffer, link.Context.TraceState);
            WriteTags(buffer, link.Tags ?? []);
        }

        WriteTags(buffer, activity.Baggage.Select(static item => new KeyValuePair<string, object?>(item.Key, item.Value)));
    }

    /// <summary>Gives the activity to this process's listeners; false, and the name of its source, if nobody listens to that.</summary>
    internal static bool Replay(ReadOnlySpan<byte> from, out string source, out string? version)
    {
        source = WireText.Read(ref from)!;
        version = WireText.Read(ref from);
        if (!TryFind(source, version, out ActivitySource? own)) return true;
        if (!own.HasListeners()) return false;

        string operation = WireText.Read(ref from)!;
        string? display = WireText.Read(ref from);
        ActivityKind kind = (ActivityKind)TakeNumber(ref from);
        string trace = WireText.Read(ref from)!, span = WireText.Read(ref from)!;
        string? parentSpan = WireText.Read(ref from);
        ActivityTraceFlags flags = (ActivityTraceFlags)TakeNumber(ref from);
        bool isRemote = TakeNumber(ref from) != 0;
        string? state = WireText.Read(ref from);
        ActivityStatusCode status = (ActivityStatusCode)TakeNumber(ref from);
        string? description = WireText.Read(ref from);
        DateTime began = new((long)TagValues.Read(ref from)!, DateTimeKind.Utc);
        TimeSpan took = new((long)TagValues.Read(ref from)!);
        List<KeyValuePair<string, object?>> tags = ReadTags(ref from);
        List<ActivityEvent> events = [];
        for (int left = TakeNumber(ref from); left > 0; left--)
        {
            string name = WireText.Read(ref from)!;
            DateTimeOffset at = new((long)TagValues.Read(ref from)!, TimeSpan.Zero);
            events.Add(new ActivityEvent(name, at, new ActivityTagsCollection(ReadTags(ref from))));
        }

        List<ActivityLink> links = [];
        for (int left = TakeNumber(ref from); left > 0; left--)
        {
            string id = WireText.Read(ref from)!;
            string? linkState = WireText.Read(ref from);
            ActivityTagsCollection linkTags = new(ReadTags(ref from));
            if (ActivityContext.TryParse(id, linkState, out ActivityContext linked)) links.Add(new ActivityLink(linked, linkTags));
        }

        List<KeyValuePair<string, object?>> baggage = ReadTags(ref from);
        ActivityContext parent = new(
            ActivityTraceId.CreateFromString(trace), parentSpan is null ? default : ActivitySpanId.CreateFromString(parentSpan), flags, state, isRemote);
        Activity? current = Activity.Current;
        try
        {
            Activity.Current = null;
            Activity? again = own.CreateActivity(operation, kind, parentSpan is null ? default : parent, tags, links);
            if (again is null) return true; // not sampled
            again.SetStartTime(began);
            again.Start();
            BecomeTheSame(again, trace, span);
            again.DisplayName = display ?? operation;
            again.TraceStateString = state;
            foreach (ActivityEvent happened in events) again.AddEvent(happened);
            foreach ((string key, object? value) in Enumerable.Reverse(baggage)) again.AddBaggage(key, value as string);
            again.SetStatus(status, description);
            again.SetEndTime(began + took);
            again.Stop();
            return true;
        }
        catch (Exception)
        {
            return true; // a listener's own failure, whatever it throws: it says nothing of the worker
        }
        finally
        {
            Activity.Current = current;
        }
    }

    // Listeners are asked whether they want a new source; false if one of them fails.
    private static bool TryFind(string name, string? version, [NotNullWhen(true)] out ActivitySource? source)
    {
        try
        {
            source = name == PoolTracing.SourceName
                ? PoolTracing.Source
                : Sources.GetOrAdd((name, version), static key => new ActivitySource(key.Name, key.Version));
            return true;
        }
        catch (Exception)
        {
            source = null;
            return false;
        }
    }

    // The platform has no way to make an activity with an id that it had elsewhere, and without it the children would have lost their parent.
    // Should a later version of the platform keep the id in another way, the trace stays one, but this span has a new id.
    private static void BecomeTheSame(Activity activity, string trace, string span)
    {
        try
        {
            TraceIdOf(activity) = trace;
            SpanIdOf(activity) = span;
            IdOf(activity) = null;
        }
        catch (MissingFieldException)
        {
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_traceId")]
    private static extern ref string? TraceIdOf(Activity activity);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_spanId")]
    private static extern ref string? SpanIdOf(Activity activity);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_id")]
    private static extern ref string? IdOf(Activity activity);

    private static void WriteTags(IBufferWriter<byte> buffer, IEnumerable<KeyValuePair<string, object?>> tags)
    {
        KeyValuePair<string, object?>[] all = [.. tags];
        WireText.Write(buffer, all.Length);
        foreach ((string key, object? value) in all)
        {
            WireText.Write(buffer, key);
            TagValues.Write(buffer, value);
        }
    }

    private static List<KeyValuePair<string, object?>> ReadTags(ref ReadOnlySpan<byte> from)
    {
        List<KeyValuePair<string, object?>> tags = [];
        for (int left = TakeNumber(ref from); left > 0; left--) tags.Add(new(WireText.Read(ref from)!, TagValues.Read(ref from)));
        return tags;
    }

    private static int TakeNumber(ref ReadOnlySpan<byte> from)
    {
        int number = BitConverter.ToInt32(from);
        from = from[sizeof(int)..];
        return number;
    }
}

/// <summary>Values of attributes: those that OpenTelemetry knows travel as they are, others as their text.</summary>
internal static class TagValues
{
    private enum Kind : byte
    {
        Null,
        Text,
        Yes,
        No,
        Int,
        Long,
        Double,
        Array,
    }

    internal static void Write(IBufferWriter<byte> buffer, object? value)
    {
        switch (value)
        {
            case null: Write(buffer, Kind.Null); break;
            case string text: WriteText(buffer, text); break;
            case bool yes: Write(buffer, yes ? Kind.Yes : Kind.No); break;
            case int or short or ushort or byte or sbyte: WriteLong(buffer, Kind.Int, Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case long number: WriteLong(buffer, Kind.Long, number); break;
            case uint number: WriteLong(buffer, Kind.Long, number); break;
            case double or float: WriteLong(buffer, Kind.Double, BitConverter.DoubleToInt64Bits(Convert.ToDouble(value, CultureInfo.InvariantCulture))); break;
            case Array { Rank: 1 } array: WriteArray(buffer, array); break;
            default: WriteText(buffer, TextOf(value)); break;
        }
    }

    internal static object? Read(ref ReadOnlySpan<byte> from)
    {
        Kind kind = (Kind)from[0];
        from = from[1..];
        switch (kind)
        {
            case Kind.Null: return null;
            case Kind.Text: return WireText.Read(ref from);
            case Kind.Yes: return true;
            case Kind.No: return false;
            case Kind.Int: return (int)ReadLong(ref from);
            case Kind.Long: return ReadLong(ref from);
            case Kind.Double: return BitConverter.Int64BitsToDouble(ReadLong(ref from));
            case Kind.Array: return ReadArray(ref from);
            default: throw new InvalidDataException($"A value of an attribute has kind {(byte)kind}.");
        }
    }

    private static void WriteText(IBufferWriter<byte> buffer, string? text)
    {
        Write(buffer, Kind.Text);
        WireText.Write(buffer, text);
    }

    private static void WriteArray(IBufferWriter<byte> buffer, Array array)
    {
        Write(buffer, Kind.Array);
        WireText.Write(buffer, array.Length);
        foreach (object? item in array) Write(buffer, item);
    }

    // An array of one kind becomes an array of its type again, as exporters want it.
    private static object ReadArray(ref ReadOnlySpan<byte> from)
    {
        object?[] items = new object?[BitConverter.ToInt32(from)];
        from = from[sizeof(int)..];
        for (int i = 0; i < items.Length; i++) items[i] = Read(ref from);
        if (items.Length > 0 && Array.TrueForAll(items, static item => item is string)) return Array.ConvertAll(items, static item => (string)item!);
        if (items.Length > 0 && Array.TrueForAll(items, static item => item is long)) return Array.ConvertAll(items, static item => (long)item!);
        if (items.Length > 0 && Array.TrueForAll(items, static item => item is int)) return Array.ConvertAll(items, static item => (int)item!);
        if (items.Length > 0 && Array.TrueForAll(items, static item => item is double)) return Array.ConvertAll(items, static item => (double)item!);
        if (items.Length > 0 && Array.TrueForAll(items, static item => item is bool)) return Array.ConvertAll(items, static item => (bool)item!);
        return items;
    }

    private static void WriteLong(IBufferWriter<byte> buffer, Kind kind, long value)
    {
        Write(buffer, kind);
        BitConverter.TryWriteBytes(buffer.GetSpan(sizeof(long)), value);
        buffer.Advance(sizeof(long));
    }

    private static long ReadLong(ref ReadOnlySpan<byte> from)
    {
        long value = BitConverter.ToInt64(from);
        from = from[sizeof(long)..];
        return value;
    }

    private static void Write(IBufferWriter<byte> buffer, Kind kind)
    {
        buffer.GetSpan(1)[0] = (byte)kind;
        buffer.Advance(1);
    }

    // Foreign code, which may throw.
    private static string? TextOf(object value)
    {
        try
        {
            return Convert.ToString(value, CultureInfo.InvariantCulture);
        }
        catch (Exception)
        {
            return value.GetType().Name;
        }
    }
}
