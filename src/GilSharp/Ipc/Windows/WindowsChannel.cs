using System.Globalization;
using System.Runtime.Versioning;

namespace GilSharp.Ipc.Windows;

/// <summary>The worker's ends of its channel to the parent, on Windows.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WindowsChannel : WorkerChannel
{
    /// <summary>The parent rings after each write; that it is gone is looked for so often, though the job ends this process with it.</summary>
    private const uint LookMilliseconds = 1000;

    /// <summary>
    /// Less than a pipe holds. A write waits while the pipe is full, and then the bell has rung for what is in it: the parent reads that, and with it what waits.
    /// One larger write could fill the pipe before anything rang.
    /// </summary>
    private const int Piece = (int)WindowsPipe.Size / 4;

    private readonly nint _requests, _answers, _requestsBell, _answersBell;
    private readonly nint _wake = WindowsSystem.MakeEvent();
    private readonly object _writeGate = new();

    private WindowsChannel(nint requests, nint answers, nint requestsBell, nint answersBell) =>
        (_requests, _answers, _requestsBell, _answersBell) = (requests, answers, requestsBell, answersBell);

    internal static WindowsChannel TakeInherited(out StatusPage status)
    {
        string channel = Environment.GetEnvironmentVariable(WindowsChild.ChannelVariable)
            ?? throw new IOException($"This process was started as a worker without {WindowsChild.ChannelVariable}.");
        Environment.SetEnvironmentVariable(WindowsChild.ChannelVariable, null);
        nint[] handles = Array.ConvertAll(channel.Split(','), static handle => nint.Parse(handle, CultureInfo.InvariantCulture));
        foreach (nint handle in handles) WindowsPipe.SetInherited(handle, false);
        status = StatusPage.Open((int)handles[2]);
        Kernel32.CloseHandle(handles[2]);
        return new WindowsChannel(handles[0], handles[1], handles[3], handles[4]);
    }

    internal override int TryRead(Span<byte> buffer)
    {
        int count = WindowsPipe.Read(_requests, buffer);
        return count >= 0 ? count : throw new EndOfStreamException("The parent has closed the channel.");
    }

    internal override void Wait(int milliseconds)
    {
        nint* handles = stackalloc nint[2] { _requestsBell, _wake };
        Kernel32.WaitForMultipleObjects(2, handles, 0, milliseconds < 0 ? LookMilliseconds : Math.Min((uint)milliseconds, LookMilliseconds));
    }

    internal override void Wake() => Kernel32.SetEvent(_wake);

    internal override void Write(ReadOnlySpan<byte> frames)
    {
        lock (_writeGate)
        {
            while (frames.Length > 0)
            {
                uint count;
                fixed (byte* bytes = frames)
                {
                    if (Kernel32.WriteFile(_answers, bytes, (uint)Math.Min(frames.Length, Piece), &count, null) == 0)
                        throw new EndOfStreamException("The parent has closed the channel.");
                }

                Kernel32.SetEvent(_answersBell);
                frames = frames[(int)count..];
            }
        }
    }
}
