namespace GilSharp.Ipc;

/// <summary>A background thread of ours, where the system may have none to give.</summary>
internal static class OwnThread
{
    /// <exception cref="SystemLimitException">The system gives no thread.</exception>
    internal static void Start(ThreadStart run, int stackSize, string name)
    {
        try
        {
            new Thread(run, stackSize) { IsBackground = true, Name = name }.UnsafeStart();
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            throw new SystemLimitException(
                $"The system gives no thread '{name}': {exception.Message} No more threads may be had (ulimit -u, or pids.max of the control group), or there is no memory.", exception);
        }
    }
}
