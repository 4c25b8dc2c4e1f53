using System.Diagnostics;
using System.IO.Pipes;
using GilSharp.Benchmarks.Measuring;
using GilSharp.Ipc.Unix;

namespace GilSharp.Benchmarks.Processes;

/// <summary>
/// A byte to another .NET process and back over two pipes, asked for with sched_yield as the pool does: the floor that every machine has, whatever
/// compilers it lacks, so that the history can be kept in terms of it.
/// </summary>
internal sealed unsafe class PipeFloor : IContestant
{
    internal const string Verb = "pipe-echo";
    internal const string Title = "pipe, yielding, in .NET";
    private static readonly long YieldTicks = Stopwatch.Frequency / 50_000; // 20 µs

    private readonly Process _child;
    private readonly int _requests;
    private readonly int _answers;

    internal PipeFloor()
    {
        ProcessStartInfo start = OtherProcess.Self(Verb);
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        _child = Process.Start(start)!;
        _requests = Descriptor(_child.StandardInput.BaseStream);
        _answers = Descriptor(_child.StandardOutput.BaseStream);
        Libc.fcntl(_answers, Libc.F_SETFL, Libc.O_NONBLOCK);
    }

    public string Name => Title;

    public double[]? Ask(string question)
    {
        string[] words = question.Split(' ');
        if (words[0] != "latency") return null;
        double seconds = double.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture);
        byte one = 1;
        for (int i = 0; i < 200; i++) RoundTrip(&one);
        Percentiles times = new();
        for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds;)
        {
            long start = Stopwatch.GetTimestamp();
            RoundTrip(&one);
            times.Record(start);
        }

        return times.Microseconds();
    }

    public void Dispose()
    {
        _child.StandardInput.Close();
        _child.WaitForExit();
        _child.Dispose();
    }

    /// <summary>The child's side: what comes goes back, until nothing comes.</summary>
    internal static int Echo(string[] args)
    {
        byte one;
        Libc.fcntl(0, Libc.F_SETFL, Libc.O_NONBLOCK);
        while (Receive(0, &one) == 1)
        {
            if (Libc.write(1, &one, 1) != 1) return 1;
        }

        return 0;
    }

    private void RoundTrip(byte* one)
    {
        if (Libc.write(_requests, one, 1) != 1 || Receive(_answers, one) != 1) throw new IOException("The other end of the pipe is gone.");
    }

    private static nint Receive(int descriptor, byte* one)
    {
        for (long start = Stopwatch.GetTimestamp(); ;)
        {
            nint count = Libc.read(descriptor, one, 1);
            if (count >= 0) return count;
            if (Stopwatch.GetTimestamp() - start < YieldTicks)
            {
                _ = Libc.sched_yield();
                continue;
            }

            Libc.PollEntry entry = new(descriptor, Libc.POLLIN);
            Libc.poll(&entry, 1, -1);
        }
    }

    private static int Descriptor(Stream stream) => (int)((PipeStream)stream).SafePipeHandle.DangerousGetHandle();
}
