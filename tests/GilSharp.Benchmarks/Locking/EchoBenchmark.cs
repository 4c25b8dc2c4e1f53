using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GilSharp.Benchmarks.Measuring;

namespace GilSharp.Benchmarks.Locking;

/// <summary>
/// An echo server that shares its lock with threads that compute: what the convoy does to a request, and what priority does to the
/// computation. Arguments: milliseconds per row (2000 by default).
/// </summary>
internal static class EchoBenchmark
{
    internal static readonly int[] CpuThreads = [0, 1, 2, 4];

    internal static int Run(string[] args)
    {
        int milliseconds = args.Length > 0 && int.TryParse(args[0], out int given) ? given : 2000;
        Console.WriteLine($"{Environment.ProcessorCount} processors, {Environment.Version}, {milliseconds} ms a row");
        Console.WriteLine(EchoFigure.Header);
        foreach (EchoFigure figure in Figures(milliseconds, CpuThreads, withRivals: true)) Console.WriteLine(figure.Line());
        return 0;
    }

    /// <param name="milliseconds">How long a client asks.</param>
    /// <param name="cpuThreads">Beside how many threads that compute.</param>
    /// <param name="withRivals">Whether CPython's scheduling is measured too: our rebuild of it, and CPython itself where it is here.</param>
    internal static IEnumerable<EchoFigure> Figures(int milliseconds, IReadOnlyList<int> cpuThreads, bool withRivals)
    {
        foreach (int think in (int[])[1, 0])
        {
            foreach (int threads in cpuThreads)
            {
                yield return Figure("GilSharp", () => new OurLock(), threads, think, milliseconds);
                if (!withRivals) continue;
                yield return Figure("CPython's scheduling, rebuilt", () => new ConvoyLock(), threads, think, milliseconds);
                if (PythonEcho.Measure(threads, think, milliseconds) is { } python) yield return python;
            }
        }
    }

    private static EchoFigure Figure(string name, Func<IEchoLock> create, int threads, int think, int milliseconds)
    {
        double alone = threads == 0 ? 0 : Measure(create(), threads, null, milliseconds / 2).Work;
        (string client, double work) = Measure(create(), threads, think, milliseconds);
        return EchoFigure.Parse(name, think, threads, client, threads == 0 ? null : work / alone);
    }

    /// <summary>Work is counted in units per millisecond, over the time of the client.</summary>
    private static (string Client, double Work) Measure(IEchoLock gil, int threads, int? think, int milliseconds)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        bool stop = false;
        long work = 0;
        var server = new Thread(() => Serve(gil, socket, ref stop)) { IsBackground = true };
        server.Start();
        Thread[] cpu = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() => Compute(gil, ref stop, ref work)) { IsBackground = true })];
        foreach (Thread thread in cpu)
            thread.Start();
        Thread.Sleep(100);

        long before = Volatile.Read(ref work);
        long start = Stopwatch.GetTimestamp();
        string client = "";
        if (think is { } pause)
            client = RunClient(((IPEndPoint)socket.LocalEndPoint!).Port, milliseconds, pause);
        else
            Thread.Sleep(milliseconds);
        double rate = (Volatile.Read(ref work) - before) / Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Volatile.Write(ref stop, true);
        socket.Close();
        foreach (Thread thread in cpu)
            thread.Join();
        server.Join();
        return (client, rate);
    }

    private static void Serve(IEchoLock gil, Socket socket, ref bool stop)
    {
        byte[] buffer = new byte[16];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        while (!Volatile.Read(ref stop))
        {
            try
            {
                int length = socket.ReceiveFrom(buffer, ref from);
                gil.Enter();
                Work();
                gil.Exit();
                socket.SendTo(buffer, length, SocketFlags.None, from);
            }
            catch (SocketException)
            {
                return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static void Compute(IEchoLock gil, ref bool stop, ref long work)
    {
        gil.Enter();
        while (!Volatile.Read(ref stop))
        {
            Work();
            work++;
            gil.Checkpoint();
        }

        gil.Exit();
    }

    /// <summary>About a microsecond.</summary>
    private static void Work()
    {
        uint value = 1;
        for (int i = 0; i < 700; i++)
            value = value * 1664525 + 1013904223;
        GC.KeepAlive(value);
    }

    /// <summary>What a client prints: how many round trips, their median and their 99th percentile.</summary>
    internal static string RunClient(int port, int milliseconds, int think) => OtherProcess.OutputOfSelf(
        EchoClient.Verb, port.ToString(CultureInfo.InvariantCulture), milliseconds.ToString(CultureInfo.InvariantCulture), think.ToString(CultureInfo.InvariantCulture));
}
