namespace GilSharp.Tests.RefCounting;

/// <summary>The work that the project starts from: threads that take a reference, use the value and give the reference up.</summary>
internal static class CountingWorkload
{
    internal const int Threads = 2;

    /// <summary>Runs <paramref name="useOnce"/> so often on each of two threads which start together; an exception of either is thrown here.</summary>
    internal static void Run(int times, Action useOnce)
    {
        void UseOften(int round)
        {
            for (int time = 0; time < times; time++)
            {
                useOnce();
            }
        }

        Duel.Fight(1, prepare: _ => { }, judge: _ => { }, UseOften, UseOften);
    }
}
