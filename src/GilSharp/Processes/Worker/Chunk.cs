using GilSharp.Ipc;
using GilSharp.Serialization;

namespace GilSharp.Processes.Worker;

/// <summary>What a chunk tells the worker while it runs.</summary>
internal readonly struct ChunkWatch(StatusPage status, bool timed, CancellationToken token)
{
    /// <summary>Before each item.</summary>
    /// <exception cref="OperationCanceledException">The call was asked to stop.</exception>
    internal void Begin(int item)
    {
        token.ThrowIfCancellationRequested();
        if (timed) status.PublishItem(item, System.Diagnostics.Stopwatch.GetTimestamp());
    }

    internal CancellationToken Token => token;
}

/// <summary>Runs a function over the items of a chunk.</summary>
/// <remarks>
/// An answer without errors is the results as one array. Otherwise: the number of errors, each with its item, length and exception, then the
/// array, in which an item without a result has the type's default.
/// </remarks>
internal static class Chunk
{
    internal static bool Run<TItem, TFunction, TValue>(
        TItem[] items, TFunction function, Func<TFunction, TItem, TValue> call, FrameBuffer answer, PayloadCodec codec, ChunkWatch watch)
    {
        TValue[] values = new TValue[items.Length];
        List<(int Item, Exception Exception)>? errors = null;
        for (int i = 0; i < items.Length; i++)
        {
            watch.Begin(i);
            try
            {
                values[i] = call(function, items[i]);
            }
            catch (Exception exception) when (!(exception is OperationCanceledException && watch.Token.IsCancellationRequested))
            {
                (errors ??= []).Add((i, exception));
            }
        }

        int start = answer.Count;
        try
        {
            if (errors is null)
            {
                WriteValues(values, answer, codec);
                return true;
            }
        }
        catch (CallSerializationException)
        {
            answer.Truncate(start);
        }

        FindUnwritable(values, errors ??= [], codec);
        errors.Sort(static (one, other) => one.Item.CompareTo(other.Item));
        WriteErrors(errors, answer);
        WriteValues(values, answer, codec);
        return false;
    }

    // A function without a result answers with nothing but the fact.
    private static void WriteValues<TValue>(TValue[] values, FrameBuffer answer, PayloadCodec codec)
    {
        if (typeof(TValue) != typeof(Nothing)) codec.Write(answer, values);
    }

    // One result that can't travel fails its own item only.
    private static void FindUnwritable<TValue>(TValue[] values, List<(int Item, Exception Exception)> errors, PayloadCodec codec)
    {
        if (typeof(TValue) == typeof(Nothing)) return;
        FrameBuffer trial = new();
        TValue[] one = new TValue[1];
        for (int i = 0; i < values.Length; i++)
        {
            one[0] = values[i];
            try
            {
                trial.Clear();
                codec.Write(trial, one);
            }
            catch (CallSerializationException exception)
            {
                errors.Add((i, exception));
                values[i] = default!;
            }
        }
    }

    private static void WriteErrors(List<(int Item, Exception Exception)> errors, FrameBuffer answer)
    {
        answer.Write(errors.Count);
        foreach ((int item, Exception exception) in errors)
        {
            answer.Write(item);
            int length = answer.ReserveLength();
            ExceptionCodec.Write(answer, exception);
            answer.FillLength(length);
        }
    }
}
