using GilSharp.Ipc;

namespace GilSharp.Processes.Engine;

/// <summary>What user code in the worker prints.</summary>
internal sealed partial class WorkerConnection
{
    private readonly byte[] _printed = new byte[4096];
    private readonly bool[] _ended = new bool[2]; // standard output, standard error

    private ChannelEvents OpenOutputs =>
        (_ended[ChildProcess.Output] ? ChannelEvents.None : ChannelEvents.Output) | (_ended[ChildProcess.Errors] ? ChannelEvents.None : ChannelEvents.Errors);

    /// <summary>Takes one piece; false when there is none.</summary>
    private bool TakeOutput(ChildProcess child, int stream)
    {
        if (_ended[stream]) return false;
        int count = child.ReadPrinted(stream, _printed);
        if (count <= 0)
        {
            _ended[stream] = count < 0;
            return false;
        }

        ReadOnlySpan<byte> piece = _printed.AsSpan(0, count);
        if (stream == ChildProcess.Errors) _errorTail.Add(piece);
        engine.Output.Add(id, child.Status.RunningCall, stream == ChildProcess.Errors, piece);
        return true;
    }

    // What it still said before it ended; a grandchild that holds the stream open is not waited for.
    private void DrainOutput(ChildProcess child)
    {
        while (TakeOutput(child, ChildProcess.Output) || TakeOutput(child, ChildProcess.Errors))
        {
        }
    }
}
