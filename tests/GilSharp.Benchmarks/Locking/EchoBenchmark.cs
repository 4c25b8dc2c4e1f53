using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace GilSharp.Benchmarks.Locking;

/// <summary>
/// An echo server that shares its lock with threads that compute: what the convoy does to a request, and what priority does to the
/// computation. Arguments: milliseconds per row (2000 by default), <c>--python</c> and a script to run CPython in the same go.
/// </summary>
internal static class EchoBenchmark
{
    private static readonly int[] CpuThreads = [0, 1, 2, 4];

    internal static int Run(string[] args)
    {
        int milliseconds = args.Length > 0 && int.TryParse(args[0], out int given) ? given : 2000;
        Console.WriteLine($"{Environment.ProcessorCount} processors, {Environment.Version}, {milliseconds} ms a row");
        Console.WriteLine("| lock | client | CPU threads | requests | p50 µs | p99 µs | CPU work kept |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (int think in (int[])[1, 0])
        {
            Rows("GilSharp", () => new OurLock(), think, milliseconds);
            Rows("CPython's scheduling", () => new ConvoyLock(), think, milliseconds);
        }

        int script = Array.IndexOf(args, "--python");
        if (script >= 0)
            RunPython(args[script + 1]);
        return 0;
    }

    private static void Rows(string name, Func<IEchoLock> create, int think, int milliseconds)
    {
        foreach (int threads in CpuThreads)
        {
            double alone = threads == 0 ? 0 : Measure(create(), threads, null, milliseconds / 2).Work;
            (string client, double work) = Measure(create(), threads, think, milliseconds);
            string[] figures = client.Split(' ');
            string kept = threads == 0 ? "" : (work / alone).ToString("P0", CultureInfo.InvariantCulture);
            Console.WriteLine($"| {name} | {(think > 0 ? $"{think} ms pause" : "non-stop")} | {threads} | {figures[0]} | {figures[1]} | {figures[2]} | {kept} |");
        }
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

    private static string RunClient(int port, int milliseconds, int think)
    {
        string[] arguments = [EchoClient.Verb, port.ToString(CultureInfo.InvariantCulture), milliseconds.ToString(CultureInfo.InvariantCulture),
            think.ToString(CultureInfo.InvariantCulture)];
        string self = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(self) == "dotnet";
        var start = new ProcessStartInfo(self, isHost ? [typeof(EchoBenchmark).Assembly.Location, .. arguments] : arguments) { RedirectStandardOutput = true };
        using Process client = Process.Start(start)!;
        string output = client.StandardOutput.ReadToEnd().Trim();
        client.WaitForExit();
        return client.ExitCode == 0 ? output : "0 0 0";
    }

    private static void RunPython(string script)
    {
        try
        {
            using Process python = Process.Start(new ProcessStartInfo("python3", [script]))!;
            python.WaitForExit();
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            Console.WriteLine($"CPython was left out: {exception.Message}");
        }
    }
}
