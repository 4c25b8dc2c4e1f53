using System.Buffers;
using System.Runtime.ExceptionServices;

namespace GilSharp.Serialization;

/// <summary>An exception that ends a call, on its way back.</summary>
/// <remarks>
/// Each exception of the chain stands by itself: name, message and stack trace as text, and its type and fields as one piece that may be missing or
/// unreadable. So an outer exception that can't be rebuilt becomes a <see cref="RemoteException"/> while its cause is still what it was.
/// <code>
/// count, then for each: type name, message, stack trace, HResult, causes (indices of later ones), piece (empty: can't be rebuilt)
/// </code>
/// </remarks>
internal static class ExceptionCodec
{
    private const int CountLimit = 256;

    /// <summary>Writes an exception. Whatever its overridden members throw, something is written.</summary>
    public static void Write(IBufferWriter<byte> writer, Exception exception)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(exception);
        List<(Exception Exception, List<int> Causes)> chain = Flatten(exception);
        var graph = new GraphWriter(writer);
        graph.WriteVarint((uint)chain.Count);
        foreach ((Exception one, List<int> causes) in chain)
        {
            graph.WriteString(one.GetType().FullName ?? one.GetType().Name);
            graph.WriteString(Ask(one, static e => e.Message));
            graph.WriteString(Ask(one, static e => e.StackTrace));
            graph.WriteUnmanaged(one.HResult);
            graph.WriteVarint((uint)causes.Count);
            foreach (int cause in causes)
                graph.WriteVarint((uint)cause);

            WritePiece(ref graph, one);
        }

        graph.Flush();
    }

    /// <summary>Rebuilds an exception; never null, whatever the bytes are.</summary>
    public static Exception Read(ReadOnlySpan<byte> data)
    {
        try
        {
            return ReadChain(data);
        }
        catch (Exception e)
        {
            return e as CallSerializationException ?? new CallSerializationException($"An exception of a worker could not be read: {e.Message}", e);
        }
    }

    private static Exception ReadChain(ReadOnlySpan<byte> data)
    {
        var reader = new GraphReader(data);
        int count = reader.ReadCount(8);
        if (count is 0 or > CountLimit)
            throw CallSerializationException.Malformed($"a chain of {count} exceptions");

        var all = new (string Type, string? Message, string? Trace, int HResult, int[] Causes, Exception? Rebuilt)[count];
        for (int i = 0; i < count; i++)
        {
            string type = reader.ReadText();
            string? message = reader.ReadString();
            string? trace = reader.ReadString();
            int result = reader.ReadUnmanaged<int>();
            int[] causes = new int[reader.ReadCount(1)];
            for (int j = 0; j < causes.Length; j++)
            {
                uint cause = reader.ReadVarint();
                causes[j] = cause > i && cause < count ? (int)cause : throw CallSerializationException.Malformed($"exception {cause} causes exception {i}");
            }

            all[i] = (type, message, trace, result, causes, ReadPiece(reader.ReadBlob()));
        }

        // Causes come later in the list, so from the end each finds its own ready.
        var done = new Exception[count];
        for (int i = count - 1; i >= 0; i--)
            done[i] = Assemble(all[i].Type, all[i].Message, all[i].Trace, all[i].HResult, all[i].Rebuilt, Array.ConvertAll(all[i].Causes, cause => done[cause]));

        return done[0];
    }

    private static Exception Assemble(string type, string? message, string? trace, int result, Exception? rebuilt, Exception[] causes)
    {
        Exception exception = rebuilt ?? new RemoteException(type, message, trace, causes.Length > 1 ? new AggregateException(causes) : causes.Length == 1 ? causes[0] : null) { HResult = result };
        if (rebuilt is not null)
        {
            if (causes.Length > 0)
                ExceptionParts.InnerException(rebuilt) = causes[0];

            if (rebuilt is AggregateException aggregate)
                ExceptionParts.InnerExceptions(aggregate) = causes;
        }

        if (trace is not null)
            ExceptionDispatchInfo.SetRemoteStackTrace(exception, trace);

        return exception;
    }

    private static void WritePiece(ref GraphWriter graph, Exception exception)
    {
        ByteSink sink = ByteSink.Rent();
        var piece = new GraphWriter(sink);
        try
        {
            Type type = exception.GetType();
            TravelRules.EnsureMayTravel(type);
            piece.WriteBlob(TypeIdentity.Of(type));
            ExceptionFields.Of(type).Write(ref piece, exception, withCauses: false);
            piece.Complete();
            graph.WriteBlob(sink.Written);
        }
        catch (Exception)
        {
            // It travels by name, message and stack trace then.
            graph.WriteBlob([]);
        }
        finally
        {
            piece.Release();
            sink.Return();
        }
    }

    private static Exception? ReadPiece(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return null;

        var reader = new GraphReader(bytes);
        try
        {
            Type type = TypeIdentity.Resolve(reader.ReadBlob());
            if (!type.IsAssignableTo(typeof(Exception)) || type.IsAbstract)
                return null;

            TravelRules.EnsureMayTravel(type);
            var exception = (Exception)Mirror.Blank(type);
            ExceptionFields.Of(type).Read(ref reader, exception, withCauses: false);
            reader.Complete();
            return exception;
        }
        catch (Exception)
        {
            // A type that is not here, or other code than the worker's: the text tells what happened.
            return null;
        }
        finally
        {
            reader.Release();
        }
    }

    /// <summary>All exceptions of the chain or tree, causes after what they caused; cut off where there are absurdly many.</summary>
    private static List<(Exception Exception, List<int> Causes)> Flatten(Exception root)
    {
        var all = new List<(Exception Exception, List<int> Causes)> { (root, []) };
        for (int i = 0; i < all.Count; i++)
        {
            (Exception exception, List<int> causes) = all[i];
            IReadOnlyList<Exception> inner = exception is AggregateException aggregate ? aggregate.InnerExceptions
                : exception.InnerException is { } one ? [one] : [];
            foreach (Exception cause in inner)
            {
                if (all.Count == CountLimit)
                    break;

                causes.Add(all.Count);
                all.Add((cause, []));
            }
        }

        return all;
    }

    private static string? Ask(Exception exception, Func<Exception, string?> question)
    {
        try
        {
            return question(exception);
        }
        catch (Exception e)
        {
            return $"({e.GetType().FullName} was thrown by the exception's own code)";
        }
    }
}
