using System.Buffers;
using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>The default serializer: values by their fields, objects with their references, types by identity.</summary>
/// <remarks>
/// At the top level unmanaged values are their own bytes, a string is its length and characters, an array of unmanaged elements its length and
/// memory: no tables, no reflection, no tokens. Everything else is a graph, see <see cref="GraphWriter"/>.
/// </remarks>
internal sealed class FieldCodec : IPayloadSerializer
{
    public static readonly FieldCodec Default = new();

    /// <exception cref="CallSerializationException">The value, or something in it, can't travel. What was written before must be thrown away.</exception>
    public void Serialize<T>(IBufferWriter<byte> writer, T value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (!RuntimeHelpers.IsReferenceOrContainsReferences<T>() && Blittable<T>.Value)
        {
            Span<byte> place = writer.GetSpan(Unsafe.SizeOf<T>());
            Unsafe.WriteUnaligned(ref place[0], value);
            writer.Advance(Unsafe.SizeOf<T>());
            return;
        }

        var graph = new GraphWriter(writer);
        if (typeof(T) == typeof(string))
        {
            graph.WriteString((string?)(object?)value);
            graph.Flush();
            return;
        }

        if (RawArray<T>.Codec is { } raw)
        {
            raw.Write(ref graph, value);
            graph.Flush();
            return;
        }

        WriteGraph(ref graph, value);
    }

    public T Deserialize<T>(in ReadOnlySequence<byte> payload)
    {
        if (payload.IsSingleSegment)
            return Deserialize<T>(payload.FirstSpan);

        int length = checked((int)payload.Length);
        byte[] whole = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            payload.CopyTo(whole);
            return Deserialize<T>(whole.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    /// <exception cref="CallSerializationException">The bytes are not what <see cref="Serialize{T}"/> wrote for this type.</exception>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1822", Justification = "The same door as the interface's, beside it.")]
    public T Deserialize<T>(ReadOnlySpan<byte> payload)
    {
        if (!RuntimeHelpers.IsReferenceOrContainsReferences<T>() && Blittable<T>.Value)
        {
            if (payload.Length != Unsafe.SizeOf<T>())
                throw CallSerializationException.Malformed($"{typeof(T)} takes {Unsafe.SizeOf<T>()} bytes, {payload.Length} came");

            return Unsafe.ReadUnaligned<T>(in payload[0]);
        }

        var graph = new GraphReader(payload);
        if (typeof(T) == typeof(string))
        {
            var text = (T?)(object?)graph.ReadString();
            graph.EnsureAtEnd();
            return text!;
        }

        if (RawArray<T>.Codec is { } raw)
        {
            T array = raw.Read(ref graph);
            graph.EnsureAtEnd();
            return array;
        }

        return ReadGraph<T>(ref graph);
    }

    internal static void WriteGraph<T>(ref GraphWriter graph, T value)
    {
        try
        {
            Converters<T>.Instance.Write(ref graph, value);
            graph.Complete();
        }
        catch (TypeInitializationException e) when (e.InnerException is CallSerializationException inner)
        {
            throw inner;
        }
        catch (Exception e) when (e is not CallSerializationException)
        {
            throw new CallSerializationException($"A value of type {TypeDisplay.NameOf(typeof(T))} could not be serialised: {e.Message}", e);
        }
        finally
        {
            graph.Release();
        }
    }

    internal static T ReadGraph<T>(ref GraphReader graph)
    {
        bool whole = false;
        try
        {
            T value = Converters<T>.Instance.Read(ref graph);
            graph.Complete();
            whole = true;
            return value;
        }
        catch (TypeInitializationException e) when (e.InnerException is CallSerializationException inner)
        {
            throw inner;
        }
        catch (Exception e) when (e is not CallSerializationException)
        {
            throw new CallSerializationException($"A value of type {TypeDisplay.NameOf(typeof(T))} could not be read: {e.Message}", e);
        }
        finally
        {
            if (!whole)
                graph.Abandon();

            graph.Release();
        }
    }

    /// <summary>For large arrays: the header that <see cref="Serialize{T}"/> would write, and the array whose memory follows it.</summary>
    /// <param name="value">Any value.</param>
    /// <param name="header">At least <see cref="RawHeaderSize"/> bytes.</param>
    /// <param name="headerLength">How many of them were written.</param>
    /// <param name="array">The array; pin it while its memory is sent.</param>
    /// <param name="byteLength">How many bytes of memory follow.</param>
    /// <returns>False if the value is no array of unmanaged elements, or null.</returns>
    public static bool TryGetRawBytes<T>(T value, Span<byte> header, out int headerLength, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Array? array, out long byteLength)
    {
        headerLength = 0;
        array = null;
        byteLength = 0;
        if (value is null || RawArray<T>.Codec is not { } raw)
            return false;

        array = (Array)(object)value;
        byteLength = array.LongLength * raw.ElementSize;
        headerLength = RawHeader.Write(header, (uint)array.Length + 1);
        return true;
    }

    /// <summary>For large arrays: makes the array that a payload announces, so that the transport can read straight into its memory.</summary>
    /// <param name="start">The first bytes of the payload, at least <see cref="RawHeaderSize"/> or all of them.</param>
    /// <param name="payloadLength">The length of the whole payload.</param>
    /// <param name="headerLength">How many bytes stand before the memory.</param>
    /// <param name="value">The array, its contents not yet set.</param>
    /// <param name="byteLength">How many bytes of memory follow.</param>
    /// <returns>False if <typeparamref name="T"/> is no array of unmanaged elements, or the value is null.</returns>
    /// <exception cref="CallSerializationException">The announced length is not the payload's.</exception>
    public static bool TryAllocateRaw<T>(ReadOnlySpan<byte> start, long payloadLength, out int headerLength, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T value, out long byteLength)
    {
        headerLength = 0;
        byteLength = 0;
        value = default;
        if (RawArray<T>.Codec is not { } raw)
            return false;

        var reader = new GraphReader(start);
        uint header = reader.ReadVarint();
        if (header == 0)
            return false;

        headerLength = start.Length - reader.Remaining;
        byteLength = (long)(header - 1) * raw.ElementSize;
        if (byteLength != payloadLength - headerLength)
            throw CallSerializationException.Malformed($"an array of {header - 1} elements is announced, {payloadLength - headerLength} bytes follow");

        value = raw.Allocate((int)(header - 1));
        return true;
    }

    /// <summary>The most bytes that stand before an array's memory.</summary>
    public const int RawHeaderSize = 5;
}
