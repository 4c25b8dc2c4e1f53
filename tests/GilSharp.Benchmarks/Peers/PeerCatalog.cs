using System.Diagnostics;
using GilSharp.Benchmarks.Measuring;

namespace GilSharp.Benchmarks.Peers;

/// <summary>Which peers there are, and which of them are here.</summary>
internal static class PeerCatalog
{
    private static readonly (string Name, string Kind)[] Python =
    [
        ("mp.Pool fork", "mp-fork"), ("mp.Pool spawn", "mp-spawn"), ("mp.Pool forkserver", "mp-forkserver"), ("ProcessPoolExecutor", "ppe"), ("loky", "loky"), ("pebble", "pebble"),
    ];

    private static readonly string[] Node = ["workerpool", "tinypool", "piscina"];

    /// <summary>The sources that lie beside this program.</summary>
    internal static string Source(string file) => Path.Combine(AppContext.BaseDirectory, "Peers", file);

    /// <summary>Starts each peer that is here, and says which are not and why.</summary>
    internal static List<PeerProgram> StartPools(Action<string> says)
    {
        List<PeerProgram> peers = [];
        foreach ((string name, string kind) in Python) Add(peers, name, PythonScript("pool.py", kind), says);
        string script = Path.Combine(Clone.Installed, "node", "pool.mjs");
        if (Directory.Exists(Path.GetDirectoryName(script)))
        {
            // A module finds packages beside itself, so it has to lie beside them.
            foreach (string file in (string[])["pool.mjs", "increment.mjs"]) File.Copy(Source(file), Path.Combine(Clone.Installed, "node", file), overwrite: true);
        }

        foreach (string kind in Node)
        {
            if (File.Exists(script)) Add(peers, kind, new ProcessStartInfo("node", [script, kind]), says);
            else says($"{kind}: not present; --install-peers fetches it.");
        }

        return peers;
    }

    /// <summary>The kernel's own ways, where there is a C compiler.</summary>
    internal static List<PeerProgram> StartFloor(string folder, Action<string> says)
    {
        List<PeerProgram> ways = [];
        string program = Path.Combine(folder, "floor");
        if (Clone.Output("gcc", ["-O2", Source("floor.c"), "-o", program]) is null)
        {
            says("floor.c: not present; there is no gcc.");
            return ways;
        }

        foreach (string way in (string[])["pipe", "yielding", "socketpair", "futex", "spin"])
            Add(ways, way, new ProcessStartInfo(program, [way]), says);
        return ways;
    }

    internal static ProcessStartInfo PythonScript(string file, string argument)
    {
        ProcessStartInfo start = new(PythonProgram(), [Source(file), argument]);
        string unpacked = Path.Combine(Clone.Installed, "debian", "usr", "lib", "python3", "dist-packages");
        if (Directory.Exists(unpacked)) start.Environment["PYTHONPATH"] = unpacked;
        return start;
    }

    private static string PythonProgram()
    {
        string installed = Path.Combine(Clone.Installed, "python", "bin", "python");
        return File.Exists(installed) ? installed : "python3";
    }

    private static void Add(List<PeerProgram> peers, string name, ProcessStartInfo start, Action<string> says)
    {
        if (PeerProgram.Start(name, start, out string why) is not { } peer)
        {
            says($"{name}: not present ({why}).");
            return;
        }

        peers.Add(peer);
        says($"{name}: {peer.Version}");
    }
}
