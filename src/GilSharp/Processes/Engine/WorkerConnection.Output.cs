using System.Runtime.InteropServices;
using GilSharp.Ipc.Unix;

namespace GilSharp.Processes.Engine;

/// <summary>What user code in the worker prints.</summary>
internal sealed unsafe partial class WorkerConnection
{
    private readonly byte[] _printed = new byte[4096];
    private readonly bool[] _ended = new bool[2]; // standard output, standard error

    private int OpenOutput(int descriptor, int stream) => _ended[stream] ? -1 : descriptor;

    /// <summary>Takes one piece; false when there is none.</summary>
    private bool TakeOutput(int descriptor, int stream)
    {
        if (_ended[stream]) return false;
        nint count;
        fixed (byte* bytes = _printed) count = Libc.read(descriptor, bytes, (nuint)_printed.Length);
        if (count <= 0)
        {
            _ended[stream] = count == 0 || Marshal.GetLastPInvokeError() is not (Libc.EAGAIN or Libc.EINTR);
            return false;
        }

        ReadOnlySpan<byte> piece = _printed.AsSpan(0, (int)count);
        if (stream == 1) _errorTail.Add(piece);
        engine.Output.Add(id, _child!.Status.RunningCall, stream == 1, piece);
        return true;
    }

    // What it still said before it ended; a grandchild that holds the stream open is not waited for.
    private void DrainOutput(ChildProcess child)
    {
        while (TakeOutput(child.Output, 0) || TakeOutput(child.Errors, 1))
        {
        }
    }
}
