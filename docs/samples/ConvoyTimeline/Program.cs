using System.Text.Json;
using System.Xml.Linq;
using ConvoyTimeline;
using GilSharp;
using GilSharp.Benchmarks.Locking;

// Where to keep the pictures: the first argument; without one they are made, looked at and thrown away.
bool keep = args.Length > 0;
string directory = keep ? Directory.CreateDirectory(args[0]).FullName : Directory.CreateTempSubdirectory("gilsharp-convoy-").FullName;

// CPython's scheduling: a request beside threads that compute waits an interval, again and again.
var convoy = new RecordedLock(new ConvoyLock());
TimeSpan[] convoyWaits = Workload.Run(convoy);
File.WriteAllText(Path.Combine(directory, "cpython.svg"), convoy.ToSvg("CPython's scheduling"));

// GilSharp's: a thread that blocks early is served at the next checkpoint.
var ours = new OurLock();
TimeSpan[] waits;
using (var timeline = new GlobalInterpreterLockTimeline(ours.Gil))
{
    waits = Workload.Run(ours);
    timeline.Dispose();
    using (StreamWriter svg = File.CreateText(Path.Combine(directory, "gilsharp.svg")))
        timeline.WriteSvg(svg);
    using (StreamWriter trace = File.CreateText(Path.Combine(directory, "gilsharp.trace.json")))
        timeline.WriteTrace(trace);
}

// The files are what they say they are.
XDocument.Load(Path.Combine(directory, "cpython.svg"));
XDocument.Load(Path.Combine(directory, "gilsharp.svg"));
using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(directory, "gilsharp.trace.json")));

Console.WriteLine($"A request waited, in the middle: {convoyWaits[convoyWaits.Length / 2].TotalMilliseconds:F2} ms under CPython's scheduling, {waits[waits.Length / 2].TotalMilliseconds:F2} ms under GilSharp's.");
Console.WriteLine($"{(keep ? $"Pictures in {directory}" : "Name a folder to keep the pictures")}; open gilsharp.trace.json with ui.perfetto.dev or chrome://tracing ({json.RootElement.GetProperty("traceEvents").GetArrayLength()} events).");
if (!keep) Directory.Delete(directory, recursive: true);
return waits[waits.Length / 2] < convoyWaits[convoyWaits.Length / 2] ? 0 : 1;
