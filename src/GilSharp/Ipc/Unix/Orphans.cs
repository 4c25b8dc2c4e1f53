namespace GilSharp.Ipc.Unix;

/// <summary>What a worker had started and left behind, where it becomes our child: we are the first process of a container, or a subreaper.</summary>
/// <remarks>
/// Elsewhere init collects it. Here nobody else would, and each would stay a zombie for as long as the program runs. Only processes that we killed
/// with their worker are waited for, by number or by the worker's group: other orphans of a container are for an init in front of the program.
/// </remarks>
internal static unsafe class Orphans
{
    private const int MostLooks = 500; // a millisecond between two: not a time, which a machine that stands still would use up

    /// <summary>Whether the kernel gives us children that lost their parent.</summary>
    internal static bool ComeToUs { get; } = Environment.ProcessId == 1 || IsSubreaper();

    /// <summary>Frees the numbers of killed processes whose parent, the leader of <paramref name="group"/>, has been collected.</summary>
    internal static void Collect(int group, List<int> killed)
    {
        List<int> left = [.. killed];
        for (int looks = 0; looks < MostLooks; looks++, Thread.Sleep(1))
        {
            int result;
            do result = Libc.waitpid(-group, null, Libc.WNOHANG);
            while (result > 0);
            bool groupIsEmpty = result < 0;
            // One whose own parent has not quite ended is not our child yet: it is asked for again as long as it exists.
            left.RemoveAll(static id => Libc.waitpid(id, null, Libc.WNOHANG) == id || Libc.kill(id, 0) != 0);
            if (groupIsEmpty && left.Count == 0) return;
        }
    }

    private static bool IsSubreaper()
    {
        int value = 0;
        return Libc.prctl(Libc.PR_GET_CHILD_SUBREAPER, (nuint)(&value), 0, 0, 0) == 0 && value != 0;
    }
}
