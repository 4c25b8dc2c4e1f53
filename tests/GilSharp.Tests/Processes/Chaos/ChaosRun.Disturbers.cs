using System.Runtime.InteropServices;

namespace GilSharp.Tests.Processes.Chaos;

/// <summary>Who kills, stops and resizes.</summary>
internal sealed partial class ChaosRun
{
    private const int Sigkill = 9, Sigcont = 18, Sigstop = 19;

    private async Task Kill(Random random)
    {
        await Task.Delay(random.Next(4000));
        WorkerInfo[] workers = [.. _pool.Workers.Where(worker => worker.ProcessId > 0 && (worker.State != WorkerState.Starting || random.Next(20) == 0))];
        if (workers.Length == 0) return;
        int victim = workers[random.Next(workers.Length)].ProcessId;
        if (random.Next(4) > 0)
        {
            _ = kill(victim, Sigkill);
            Count("kill of a worker from outside");
            return;
        }

        _ = kill(victim, Sigstop);
        await Task.Delay(random.Next(50));
        _ = kill(victim, Sigcont);
        Count("pause of a worker from outside");
    }

    private async Task Resize(Random random)
    {
        await Task.Delay(random.Next(6000));
        _pool.Resize(random.Next(1, 6));
        Count("resize");
    }

    // From the first call to the end in a moment, whatever runs.
    private async Task UseAnotherPool(Random random)
    {
        await Task.Delay(random.Next(6000));
        ProcessPool pool = new(Options(1));
        pool.WorkerExited += (_, args) => _processes[args.ProcessId] = true;
        int[] ids = [.. Enumerable.Range(0, 20).Select(_ => NextCall())];
        Task<int>[] calls = [.. ids.Select(id => pool.ApplyAsync(ChaosWork.Tiny, id))];
        if (random.Next(3) > 0) await Task.Delay(random.Next(300));
        if (random.Next(2) == 0) pool.Terminate();
        await pool.DisposeAsync().AsTask().WaitAsync(Patience);
        for (int i = 0; i < ids.Length; i++)
        {
            try
            {
                Verify(await calls[i].WaitAsync(Patience) == ChaosWork.Expected(ids[i]), $"call {ids[i]} gave another result");
                Count("call of a pool that ends: its result");
            }
            catch (ProcessPoolTerminatedException)
            {
                Count("call of a pool that ends: terminated");
            }
            catch (WorkerStartException)
            {
                Count("call of a pool that ends: no worker could be started");
            }
            catch (WorkerCrashedException error)
            {
                Lost(ids[i], 0, error);
            }

            Verify(_ledger.Starts(ids[i]) <= 1, $"call {ids[i]} began {_ledger.Starts(ids[i])} times");
        }
    }

    [DllImport("libc")]
    private static extern int kill(int processId, int signal);
}
