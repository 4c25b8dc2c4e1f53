using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;

namespace GilSharp.Samples.AspNetEndpoint;

/// <summary>A client in another process than the server: more requests than it can take, then SIGTERM amid work.</summary>
internal static partial class Load
{
    private const int Clients = 24, RequestsEach = 10;
    private const int PoolTakes = 6; // two workers, and four calls that wait

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    internal static async Task<int> RunAsync()
    {
        using CancellationTokenSource deadline = new(Deadline);
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(Load).Assembly.Location);
        using Process server = Process.Start(start)!;
        ConcurrentQueue<string> lines = new();
        TaskCompletionSource<string> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task output = ReadAsync(server.StandardOutput, lines, listening);
        try
        {
            using HttpClient client = new() { BaseAddress = new Uri(await listening.Task.WaitAsync(deadline.Token)) };
            int good = 0, full = 0, wrong = 0;
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
            {
                for (int i = 0; i < RequestsEach; i++)
                {
                    Answer answer = await AskAsync(client, deadline.Token);
                    Interlocked.Increment(ref answer == Answer.Right ? ref good : ref answer == Answer.Refused ? ref full : ref wrong);
                }
            }));

            // The pool has all that it takes when the server is told to stop. These get their answers still; who comes later finds nobody.
            int early = 0, late = 0;
            bool stopping = false;
            Task[] asking = [.. Enumerable.Range(0, PoolTakes).Select(async _ =>
            {
                try
                {
                    while (true)
                    {
                        Answer answer = await AskAsync(client, deadline.Token);
                        if (answer == Answer.Right) Interlocked.Increment(ref Volatile.Read(ref stopping) ? ref late : ref early);
                        else if (answer == Answer.Wrong) Interlocked.Increment(ref wrong);
                    }
                }
                catch (HttpRequestException) when (Volatile.Read(ref stopping))
                {
                    // Had the pool done the work, and only the answer been lost, the server's figures would tell.
                }
            })];
            while (Volatile.Read(ref early) < PoolTakes && !asking.Any(static task => task.IsCompleted)) await Task.Delay(1, deadline.Token);
            Volatile.Write(ref stopping, true);
            _ = kill(server.Id, SigTerm);
            await Task.WhenAll(asking);
            await server.WaitForExitAsync(deadline.Token);
            await output.WaitAsync(deadline.Token);

            Console.WriteLine($"{good} answered, {full} refused with 503, {wrong} wrong.");
            string text = string.Join('\n', lines);
            bool drained = late > 0 && server.ExitCode == 0 && lines.Contains($"drained: {good + early + late} completed, 0 failed, 0 cancelled");
            Console.WriteLine($"{late} answered after SIGTERM; drained, with no answer lost: {drained}.");
            bool oneTrace = SpansAreOfOneTrace(text, out int traces);
            Console.WriteLine($"{traces} traces have spans of the server, the pool, the worker and the work in it.");
            bool metrics = text.Contains("gilsharp.pool.calls", StringComparison.Ordinal) && text.Contains("gilsharp.pool.run.duration", StringComparison.Ordinal);
            Console.WriteLine($"Metrics: {metrics}.");
            return good > 0 && full > 0 && wrong == 0 && oneTrace && metrics && drained ? 0 : 1;
        }
        finally
        {
            if (!server.HasExited) server.Kill(entireProcessTree: true);
        }
    }

    private enum Answer
    {
        Right,
        Refused,
        Wrong,
    }

    private static async Task<Answer> AskAsync(HttpClient client, CancellationToken token)
    {
        using HttpResponseMessage answer = await client.GetAsync("/squares/1000", token);
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) return Answer.Refused;
        return answer.StatusCode == HttpStatusCode.OK && await answer.Content.ReadAsStringAsync(token) == "333833500" ? Answer.Right : Answer.Wrong;
    }

    private static async Task ReadAsync(StreamReader from, ConcurrentQueue<string> lines, TaskCompletionSource<string> listening)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            lines.Enqueue(line);
            if (line.StartsWith("listening on ", StringComparison.Ordinal)) listening.TrySetResult(line["listening on ".Length..]);
        }

        listening.TrySetException(new InvalidOperationException("The server ended before it listened."));
    }

    // The console exporter writes "Activity.TraceId: …" first and "Activity.DisplayName: …" later of each span.
    private static bool SpansAreOfOneTrace(string text, out int traces)
    {
        string trace = "";
        Dictionary<string, HashSet<string>> spans = [];
        foreach (string line in text.Split('\n'))
        {
            if (Value(line, "Activity.TraceId:") is { } id) trace = id;
            else if (Value(line, "Activity.DisplayName:") is { } name) (spans.TryGetValue(trace, out HashSet<string>? of) ? of : spans[trace] = []).Add(name.Split(' ')[0]);
        }

        traces = spans.Values.Count(static names => names.IsSupersetOf(["GET", "call", "run", "sum"]));
        return traces > 0 && spans.Values.Where(static names => names.Contains("sum")).All(static names => names.IsSupersetOf(["GET", "call", "run"]));
    }

    private static string? Value(string line, string key) => line.StartsWith(key, StringComparison.Ordinal) ? line[key.Length..].Trim() : null;

    private const int SigTerm = 15;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int kill(int process, int signal);
}
