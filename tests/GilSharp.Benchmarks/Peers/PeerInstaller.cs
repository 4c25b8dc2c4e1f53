using GilSharp.Benchmarks.Measuring;

namespace GilSharp.Benchmarks.Peers;

/// <summary>Fetches the peers that come as packages, from wherever this machine's package clients are set up to look. Only when asked.</summary>
internal static class PeerInstaller
{
    internal static void Install(Action<string> says)
    {
        Directory.CreateDirectory(Clone.Installed);
        Node(says);
        if (!Python()) Debian(says);
    }

    private static void Node(Action<string> says)
    {
        string folder = Path.Combine(Clone.Installed, "node");
        Directory.CreateDirectory(folder);
        if (Clone.Output("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", "--no-save", "workerpool", "tinypool", "piscina"]) is null)
            says("npm could not install workerpool, tinypool and piscina.");
    }

    private static bool Python()
    {
        string folder = Path.Combine(Clone.Installed, "python");
        if (Clone.Output("python3", ["-m", "venv", folder]) is not null
            && Clone.Output(Path.Combine(folder, "bin", "pip"), ["install", "--quiet", "--disable-pip-version-check", "loky", "pebble"]) is not null)
            return true;
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        return false;
    }

    // Where pip finds nothing, Debian's packages of the same are unpacked beside, not installed: they are plain Python.
    private static void Debian(Action<string> says)
    {
        string folder = Path.Combine(Clone.Installed, "debian");
        Directory.CreateDirectory(folder);
        string command = "cd \"$1\" && apt-get download -qq python3-joblib python3-pebble && for package in *.deb; do dpkg -x \"$package\" .; done";
        if (Clone.Output("sh", ["-c", command, "sh", folder]) is null) says("Neither pip nor apt-get could fetch loky and pebble.");
    }
}
