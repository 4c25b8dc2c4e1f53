using System.Text;

namespace GilSharp.Processes.Engine;

/// <summary>Carries what workers print to where the options say, off the readers' threads: a slow terminal slows what is printed, not the calls.</summary>
/// <remarks>
/// While much waits, the readers leave the workers' pipes alone, and a worker that prints on waits in its own write. Only what a worker had printed
/// when it died, at most what its pipes hold, is taken in any case: the end of its calls must not wait for a slow terminal. A handler that uses the pool
/// lifts the bound until it returns: the call that it waits for may be one that prints.
/// </remarks>
internal sealed class OutputPump
{
    private const int Much = 128; // pieces of at most 4 KiB

    private readonly Strand _strand = new();
    private readonly WorkerOutput _output;
    private readonly WorkerOutput _errors;
    private readonly Action<WorkerOutputEventArgs> _capture;
    private readonly Dictionary<int, Decoder> _decoders = []; // up to two for each worker that lives; of the strand
    private Stream? _standardOutput, _standardError; // each is a descriptor: opened once, not for each piece; of the strand
    private int _waiting;
    private bool _usesPool; // the handler that runs has called the pool

    internal OutputPump(ProcessPoolOptions options, Action<WorkerOutputEventArgs> capture)
    {
        _output = options.StandardOutput;
        _errors = options.StandardError;
        _capture = capture;
    }

    /// <summary>Whether the readers may bring more.</summary>
    internal bool HasRoom => Volatile.Read(ref _waiting) < Much || Volatile.Read(ref _usesPool);

    /// <summary>Whether the caller is a handler of this pool's output.</summary>
    internal bool IsHandler => _strand.IsCurrent;

    internal void Add(int worker, long call, bool isError, ReadOnlySpan<byte> bytes)
    {
        WorkerOutput where = isError ? _errors : _output;
        if (where == WorkerOutput.Discard) return;
        byte[] piece = bytes.ToArray();
        Interlocked.Increment(ref _waiting);
        _strand.Post(() => Deliver(where, worker, call, isError, piece));
    }

    /// <summary>Somebody uses the pool: if it is a handler of its output, what is printed meanwhile must not wait for that handler.</summary>
    internal void PoolIsUsed()
    {
        if (IsHandler) Volatile.Write(ref _usesPool, true);
    }

    /// <summary>A worker is gone, and says no more.</summary>
    internal void Forget(int worker) => _strand.Post(() =>
    {
        _decoders.Remove(KeyOf(worker, isError: false));
        _decoders.Remove(KeyOf(worker, isError: true));
    });

    /// <summary>Has <paramref name="then"/> run when everything that was added before has been delivered.</summary>
    internal void Complete(Action then) => _strand.Post(then);

    private void Deliver(WorkerOutput where, int worker, long call, bool isError, byte[] piece)
    {
        try
        {
            if (where == WorkerOutput.Capture) Capture(worker, call, isError, piece);
            else Forward(isError, piece);
        }
        catch (Exception)
        {
            // A closed standard stream, or a handler that throws: neither may stop the output of the others.
        }
        finally
        {
            Volatile.Write(ref _usesPool, false);
            Interlocked.Decrement(ref _waiting);
        }
    }

    private void Forward(bool isError, byte[] piece)
    {
        Stream stream = isError ? _standardError ??= Console.OpenStandardError() : _standardOutput ??= Console.OpenStandardOutput();
        stream.Write(piece);
        stream.Flush();
    }

    private static int KeyOf(int worker, bool isError) => (2 * worker) + (isError ? 1 : 0);

    private void Capture(int worker, long call, bool isError, byte[] piece)
    {
        int stream = KeyOf(worker, isError);
        if (!_decoders.TryGetValue(stream, out Decoder? decoder)) _decoders[stream] = decoder = Encoding.UTF8.GetDecoder();
        char[] characters = new char[Encoding.UTF8.GetMaxCharCount(piece.Length)];
        int count = decoder.GetChars(piece, characters, flush: false);
        if (count == 0) return;
        _capture(new WorkerOutputEventArgs { WorkerId = worker, CallId = call, IsError = isError, Text = new string(characters, 0, count) });
    }
}
