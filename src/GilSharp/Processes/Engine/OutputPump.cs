using System.Text;
using System.Threading.Channels;

namespace GilSharp.Processes.Engine;

/// <summary>Carries what workers print to where the options say, off the readers' threads: a slow terminal slows what is printed, not the calls.</summary>
/// <remarks>The channel is bounded. While it is full the readers leave the workers' pipes alone, and a worker that prints on waits in its own write.</remarks>
internal sealed class OutputPump
{
    private const int Capacity = 256;

    private readonly Lazy<Channel<Piece>> _pieces = new(static () => Channel.CreateBounded<Piece>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait }));

    private readonly WorkerOutput _output;
    private readonly WorkerOutput _errors;
    private readonly Action<WorkerOutputEventArgs> _capture;
    private readonly Dictionary<int, Decoder> _decoders = []; // two for each worker
    private int _started;

    internal OutputPump(ProcessPoolOptions options, Action<WorkerOutputEventArgs> capture)
    {
        _output = options.StandardOutput;
        _errors = options.StandardError;
        _capture = capture;
    }

    private sealed record Piece(int Worker, long Call, bool IsError, byte[] Bytes);

    /// <summary>Room for what any reader may bring before it asks again.</summary>
    internal bool HasRoom => !_pieces.IsValueCreated || _pieces.Value.Reader.Count < Capacity / 2;

    internal void Add(int worker, long call, bool isError, ReadOnlySpan<byte> bytes)
    {
        if ((isError ? _errors : _output) == WorkerOutput.Discard) return;
        Piece piece = new(worker, call, isError, bytes.ToArray());
        ChannelWriter<Piece> writer = _pieces.Value.Writer;
        if (!writer.TryWrite(piece)) writer.WriteAsync(piece).AsTask().Wait();
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

        Stream stream = piece.IsError ? Console.OpenStandardError() : Console.OpenStandardOutput();
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
