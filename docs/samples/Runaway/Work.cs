using System.Diagnostics;

namespace GilSharp.Samples.Runaway;

/// <summary>What the calls run.</summary>
internal static class Work
{
    /// <summary>Starts a process, writes down its number, and computes for ever without looking at its token.</summary>
    internal static void RunAway(string note)
    {
        using Process child = Process.Start("sleep", "1000");
        File.WriteAllText(note, $"{child.Id}");
        while (true)
        {
        }
    }

    /// <summary>Waits for ever, but ends when it is asked.</summary>
    internal static void WaitPolitely(CancellationToken token)
    {
        token.WaitHandle.WaitOne();
        token.ThrowIfCancellationRequested();
    }

    internal static int CountTo(int end)
    {
        int count = 0;
        while (count < end) count++;
        return count;
    }

    /// <summary>Waits until a process is no more; false if that takes too long. A zombie runs no more: somebody has only to take note of it.</summary>
    internal static async Task<bool> IsGone(int process)
    {
        for (int i = 0; i < 1000; i++)
        {
            try
            {
                string state = await File.ReadAllTextAsync($"/proc/{process}/stat");
                if (state[state.LastIndexOf(')') + 2] == 'Z') return true;
            }
            catch (IOException)
            {
                return true;
            }

            await Task.Delay(10);
        }

        return false;
    }
}
