using GilSharp.Races.Seam;

namespace GilSharp.Races.Exploring;

/// <summary>The steps of one execution, readable: a column for each thread would be too wide, so each line names its thread.</summary>
internal sealed class StepLog
{
    private readonly List<string> _lines = [];
    private VirtualThread? _last;

    internal void Add(VirtualThread thread, string what, int site, string result)
    {
        if (thread != _last)
            _lines.Add($"── {thread.Name} ──");
        _last = thread;
        string where = site < 0 ? "" : $"  [{Sites.Describe(site)}]";
        _lines.Add($"{_lines.Count,5}  {thread.Name,-10} {what}{(result.Length == 0 ? "" : " → " + result)}{where}");
    }

    internal void Clear() => _lines.Clear();

    public override string ToString() => string.Join('\n', _lines);

    internal static string Show<T>(T value) => value switch
    {
        null => "null",
        long or int or bool or byte => value.ToString()!,
        Enum => value.ToString()!,
        _ => "a " + value.GetType().Name,
    };
}
