using System.Globalization;
using GilSharp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

/// <summary>A service as most are written: a generic host, the pool a singleton that the container disposes when the host has stopped.</summary>
internal static class Hosting
{
    internal static async Task<int> Run(string[] args)
    {
        Source source = new(int.Parse(args[0], CultureInfo.InvariantCulture));
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(_ => new ProcessPool(2)); // made by the container, so disposed by it
        builder.Services.AddSingleton(source);
        builder.Services.AddHostedService<Service>();
        using (IHost host = builder.Build()) await host.RunAsync();
        Scenarios.Say("results", source.Results.Count(static result => result.IsCompletedSuccessfully));
        return 0;
    }

    private sealed class Source(int calls)
    {
        internal int Calls => calls;

        internal List<Task<int>> Results { get; } = [];
    }

    private sealed class Service(ProcessPool pool, Source source, IHostApplicationLifetime life) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await pool.StartAsync(stoppingToken);
            for (int i = 0; i < source.Calls; i++) source.Results.Add(pool.ApplyAsync(Ending.IncrementSlowly, i, CancellationToken.None));
            TaskCompletionSource started = new();
            await using (life.ApplicationStarted.Register(started.SetResult)) await started.Task; // before that the host would not stop well
            Console.WriteLine($"{Environment.ProcessId} {string.Join(' ', pool.Workers.Select(worker => worker.ProcessId))}");
        }
    }
}
