using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;

namespace GilSharp.Samples.AspNetEndpoint;

/// <summary>A client in another process than the server: more requests than it can take, then SIGTERM amid work.</summary>
internal static partial class Load
{
    private const int Clients = 24, RequestsEach = 10;

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
            ConcurrentDictionary<HttpStatusCode, int> seen = new();
            int wrong = 0;
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
            {
                for (int i = 0; i < RequestsEach; i++) if (!await AskAsync(client, seen, deadline.Token)) Interlocked.Increment(ref wrong);
            }));

            // Some are in work when the server is told to stop; each of them still gets its answer.
            ConcurrentDictionary<HttpStatusCode, int> last = new();
            Task<bool>[] inWork = [.. Enumerable.Range(0, 3).Select(_ => AskAsync(client, last, deadline.Token))];
            await Task.Delay(5, deadline.Token); // the requests leave; whether they have arrived nobody can say
            _ = kill(server.Id, SigTerm);
            int lost = (await Task.WhenAll(inWork.Select(async asked => await Quietly(asked)))).Count(answered => answered == false);
            await server.WaitForExitAsync(deadline.Token);
            await output.WaitAsync(deadline.Token);

            int good = seen.GetValueOrDefault(HttpStatusCode.OK), full = seen.GetValueOrDefault(HttpStatusCode.ServiceUnavailable);
            Console.WriteLine($"{good} answered, {full} refused with 503, {Clients * RequestsEach - good - full} otherwise, {wrong} wrong, {lost} lost at the end.");
            string text = string.Join('\n', lines);
            bool oneTrace = SpansAreOfOneTrace(text, out int traces);
            Console.WriteLine($"{traces} traces have spans of the server, the pool, the worker and the work in it.");
            bool metrics = text.Contains("gilsharp.pool.calls", StringComparison.Ordinal) && text.Contains("gilsharp.pool.run.duration", StringComparison.Ordinal);
            bool drained = text.Contains("drained: ", StringComparison.Ordinal) && server.ExitCode == 0;
            Console.WriteLine($"Drained: {drained}; metrics: {metrics}.");
            return good > 0 && full > 0 && good + full == Clients * RequestsEach && wrong == 0 && lost == 0 && oneTrace && metrics && drained ? 0 : 1;
        }
        finally
        {
            if (!server.HasExited) server.Kill(entireProcessTree: true);
        }
    }

    private static async Task<bool> AskAsync(HttpClient client, ConcurrentDictionary<HttpStatusCode, int> seen, CancellationToken token)
    {
        using HttpResponseMessage answer = await client.GetAsync("/squares/1000", token);
        seen.AddOrUpdate(answer.StatusCode, 1, static (_, count) => count + 1);
        return answer.StatusCode != HttpStatusCode.OK || await answer.Content.ReadAsStringAsync(token) == "333833500";
    }

    // A request that reached no server because that had stopped listening is refused, not lost: null.
    private static async Task<bool?> Quietly(Task<bool> asked)
    {
        try
        {
            return await asked;
        }
        catch (HttpRequestException error) when (error.HttpRequestError == HttpRequestError.ConnectionError)
        {
            return null;
        }
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
