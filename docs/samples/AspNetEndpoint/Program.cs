// CPU work behind an HTTP endpoint: the pool bounds what runs and what waits, a full queue is a 503, shutdown drains what was accepted, and traces
// and metrics go to the console. Without arguments it serves until it is stopped; with --load it starts itself as a server, loads it, and checks all that.
using GilSharp;
using GilSharp.Samples.AspNetEndpoint;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

if (args is ["--load"]) return await Load.RunAsync();

WebApplicationBuilder builder = WebApplication.CreateBuilder();
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Logging.ClearProviders();
builder.Services.AddSingleton(_ => new ProcessPool(new ProcessPoolOptions
{
    Name = "squares",
    Workers = 2,
    QueueCapacity = 4,
    QueueFullMode = QueueFullMode.Reject,
    ShutdownTimeout = TimeSpan.FromSeconds(20),
}));
builder.Services.AddOpenTelemetry()
    .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddSource("GilSharp", Work.Source.Name).AddConsoleExporter())
    .WithMetrics(metrics => metrics.AddMeter("GilSharp").AddConsoleExporter());

WebApplication app = builder.Build();
ProcessPool pool = app.Services.GetRequiredService<ProcessPool>();
await pool.StartAsync(); // the first request finds the workers warm
app.MapGet("/squares/{count:int}", async (int count, HttpContext http) =>
{
    try
    {
        return Results.Text((await pool.ApplyAsync(Work.SumOfSquares, count, http.RequestAborted)).ToString());
    }
    catch (QueueFullException)
    {
        http.Response.Headers.RetryAfter = "1";
        return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
    }
});
await app.StartAsync();
string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
Console.WriteLine($"listening on {address}");

// SIGTERM: no new requests, those that are in work end, then the pool is drained and the last spans are exported with the host.
await app.WaitForShutdownAsync();
ProcessPoolStatistics figures = pool.GetStatistics();
await app.DisposeAsync();
Console.WriteLine($"drained: {figures.Completed} completed, {figures.Failed} failed, {figures.Cancelled} cancelled");
return figures.Failed + figures.Cancelled == 0 ? 0 : 1;
