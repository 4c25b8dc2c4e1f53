using System.Globalization;

namespace GilSharp.Ipc.Unix;

/// <summary>Kills what a process has started, also what left its process group.</summary>
internal static class ProcessTree
{
    /// <summary>Kills every descendant of <paramref name="root"/>, not the root, and tells which these were.</summary>
    /// <remarks>A parent is stopped being able to start more only when it is killed itself: kill the root right after.</remarks>
    internal static List<int> Kill(int root)
    {
        List<int> killed = [];
        Dictionary<int, List<int>> children = [];
        foreach ((int id, int parent) in All())
        {
            if (!children.TryGetValue(parent, out List<int>? siblings)) children[parent] = siblings = [];
            siblings.Add(id);
        }

        Stack<int> toVisit = new([root]);
        while (toVisit.TryPop(out int parent))
        {
            if (!children.TryGetValue(parent, out List<int>? descendants)) continue;
            foreach (int id in descendants)
            {
                toVisit.Push(id);
                Libc.kill(id, Libc.SIGKILL);
                killed.Add(id);
            }
        }

        return killed;
    }

    private static IEnumerable<(int Id, int Parent)> All()
    {
        if (!Directory.Exists("/proc")) yield break;
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int id)) continue;
            if (ParentOf(folder) is { } parent) yield return (id, parent);
        }
    }

    // /proc/N/stat: "N (name, which may hold anything) S parent …"
    private static int? ParentOf(string folder)
    {
        try
        {
            string stat = File.ReadAllText(Path.Combine(folder, "stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ', 3);
            return int.Parse(fields[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // it ended meanwhile
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
