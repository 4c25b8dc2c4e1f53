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

    /// <summary>Writes a value as one of another declared type than the caller's.</summary>
    internal static void SerializeAs(Type declared, IBufferWriter<byte> writer, object? value)
    {
        var graph = new GraphWriter(writer);
        try
        {
            Converters.For(declared).WriteBoxed(ref graph, value);
            graph.Complete();
        }
        finally
        {
            graph.Release();
        }
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
}
