using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using GilSharp.Benchmarks.Peers;

namespace GilSharp.Benchmarks.Locking;

/// <summary>The same echo server in CPython, whose GIL does the scheduling; asked by the same client.</summary>
internal static class PythonEcho
{
    /// <summary>Null where there is no Python.</summary>
    internal static EchoFigure? Measure(int threads, int think, int milliseconds)
    {
        ProcessStartInfo start = PeerCatalog.PythonScript("convoy.py", threads.ToString(CultureInfo.InvariantCulture));
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        Process python;
        try
        {
            python = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            return null;
        }

        using (python)
        {
            try
            {
                string[] ready = (python.StandardOutput.ReadLine() ?? "").Split(' ');
                if (!int.TryParse(ready[0], CultureInfo.InvariantCulture, out int port)) return null;
                double alone = threads == 0 ? 0 : Work(python, () => { Thread.Sleep(milliseconds / 2); return ""; }).PerMillisecond;
                (string client, double work) = Work(python, () => EchoBenchmark.RunClient(port, milliseconds, think));
                return EchoFigure.Parse($"CPython {ready[1]}", think, threads, client, threads == 0 ? null : work / alone);
            }
            finally
            {
                python.Kill();
                python.WaitForExit();
            }
        }
    }

    private static (string Client, double PerMillisecond) Work(Process python, Func<string> meanwhile)
    {
        long before = Ask(python), start = Stopwatch.GetTimestamp();
        string client = meanwhile();
        return (client, (Ask(python) - before) / Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private static long Ask(Process python)
    {
        python.StandardInput.WriteLine();
        python.StandardInput.Flush();
        return long.Parse(python.StandardOutput.ReadLine() ?? "0", CultureInfo.InvariantCulture);
    }
}
