using System.Text;
using System.Threading.Channels;

namespace GilSharp.Processes.Engine;

/// <summary>Carries what workers print to where the options say, off the readers' threads: a slow terminal slows what is printed, not the calls.</summary>
/// <remarks>
/// While much waits, the readers leave the workers' pipes alone, and a worker that prints on waits in its own write. Only what a worker had printed
/// when it died, at most what its pipes hold, is taken in any case: the end of its calls must not wait for a slow terminal.
/// </remarks>
internal sealed class OutputPump
{
    private const int Much = 128; // pieces of at most 4 KiB

    private readonly Lazy<Channel<Piece>> _pieces = new(static () => Channel.CreateUnbounded<Piece>());

    private readonly WorkerOutput _output;
    private readonly WorkerOutput _errors;
    private readonly Action<WorkerOutputEventArgs> _capture;
    private readonly Dictionary<int, Decoder> _decoders = []; // two for each worker
    private int _started;
    private Stream? _standardOutput, _standardError; // each is a descriptor: opened once, not for each piece

    internal OutputPump(ProcessPoolOptions options, Action<WorkerOutputEventArgs> capture)
    {
        _output = options.StandardOutput;
        _errors = options.StandardError;
        _capture = capture;
    }

    private sealed record Piece(int Worker, long Call, bool IsError, byte[] Bytes);

    /// <summary>Room for what any reader may bring before it asks again.</summary>
    internal bool HasRoom => !_pieces.IsValueCreated || _pieces.Value.Reader.Count < Much;

    internal void Add(int worker, long call, bool isError, ReadOnlySpan<byte> bytes)
    {
        if ((isError ? _errors : _output) == WorkerOutput.Discard) return;
        Piece piece = new(worker, call, isError, bytes.ToArray());
        _pieces.Value.Writer.TryWrite(piece);
        if (Interlocked.Exchange(ref _started, 1) == 0) Finished = Task.Run(Pump);
    }

    /// <summary>Ends when everything that was added before <see cref="Complete"/> has been delivered.</summary>
    internal Task Finished { get; private set; } = Task.CompletedTask;

    internal void Complete()
    {
        if (_pieces.IsValueCreated) _pieces.Value.Writer.TryComplete();
    }

    private async Task Pump()
    {
        await foreach (Piece piece in _pieces.Value.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                await Deliver(piece).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // A closed standard stream, or a handler that throws: neither may stop the output of the others.
            }
        }
    }

    private async ValueTask Deliver(Piece piece)
    {
        if ((piece.IsError ? _errors : _output) == WorkerOutput.Capture)
        {
            Capture(piece);
            return;
        }

        Stream stream = piece.IsError ? _standardError ??= Console.OpenStandardError() : _standardOutput ??= Console.OpenStandardOutput();
        await stream.WriteAsync(piece.Bytes).ConfigureAwait(false);
        await stream.FlushAsync().ConfigureAwait(false);
    }

    private void Capture(Piece piece)
    {
        int stream = (2 * piece.Worker) + (piece.IsError ? 1 : 0);
        if (!_decoders.TryGetValue(stream, out Decoder? decoder)) _decoders[stream] = decoder = Encoding.UTF8.GetDecoder();
        char[] characters = new char[Encoding.UTF8.GetMaxCharCount(piece.Bytes.Length)];
        int count = decoder.GetChars(piece.Bytes, characters, flush: false);
        if (count == 0) return;
        _capture(new WorkerOutputEventArgs { WorkerId = piece.Worker, CallId = piece.Call, IsError = piece.IsError, Text = new string(characters, 0, count) });
    }
}
