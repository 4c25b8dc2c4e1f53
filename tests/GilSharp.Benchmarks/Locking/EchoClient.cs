using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace GilSharp.Benchmarks.Locking;

/// <summary>The client of the echo server: a process of its own, so that it shares nothing with what it measures.</summary>
internal static class EchoClient
{
    internal const string Verb = "gil-echo-client";

    /// <summary>Arguments: port, milliseconds to run, milliseconds to think between two requests. Prints the round trips and their quantiles in µs.</summary>
    internal static int Run(string[] args)
    {
        int port = int.Parse(args[0], CultureInfo.InvariantCulture);
        TimeSpan duration = TimeSpan.FromMilliseconds(int.Parse(args[1], CultureInfo.InvariantCulture));
        int think = int.Parse(args[2], CultureInfo.InvariantCulture);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        socket.Connect(IPAddress.Loopback, port);
        byte[] buffer = new byte[8];
        List<double> micros = [];
        for (int warmUp = 0; warmUp < 50; warmUp++)
            Ask(socket, buffer);
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            micros.Add(Ask(socket, buffer));
            if (think > 0)
                Thread.Sleep(think);
        }

        micros.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{micros.Count} {micros[micros.Count / 2]:F1} {micros[(int)(micros.Count * 0.99)]:F1}"));
        return 0;
    }

    private static double Ask(Socket socket, byte[] buffer)
    {
        long sent = Stopwatch.GetTimestamp();
        socket.Send(buffer, 0, 1, SocketFlags.None);
        socket.Receive(buffer);
        return Stopwatch.GetElapsedTime(sent).TotalMicroseconds;
    }
}
