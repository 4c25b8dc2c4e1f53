using System.Threading.Channels;

namespace GilSharp.Ipc;

/// <summary>The one thread that creates all worker processes of this process.</summary>
/// <remarks>
/// A worker asks the kernel to kill it when its parent dies. "Parent" there means the thread that created it (prctl(2), PR_SET_PDEATHSIG): started
/// from a pool thread that the runtime retires later, a worker would die although the program lives. This thread never ends.
/// </remarks>
internal static class Spawner
{
    private static readonly object Gate = new();
    private static ChannelWriter<Order>? s_orders; // guarded by Gate: null also after a thread was refused, so that the next start tries again

    private sealed record Order(CommandLine Command, Action<ChildProcess?, Exception?> Done);

    /// <summary>Starts a process; <paramref name="done"/> is called on the spawner's thread and must be short.</summary>
    /// <exception cref="SystemLimitException">The system gives no thread to start it from.</exception>
    internal static void Start(CommandLine command, Action<ChildProcess?, Exception?> done) => Orders().TryWrite(new Order(command, done));

    private static ChannelWriter<Order> Orders()
    {
        lock (Gate) return s_orders ??= Open();
    }

    private static ChannelWriter<Order> Open()
    {
        Channel<Order> orders = Channel.CreateUnbounded<Order>(new UnboundedChannelOptions { SingleReader = true });
        OwnThread.Start(() => Serve(orders.Reader), 256 * 1024, "GilSharp spawner");
        return orders.Writer;
    }

    private static void Serve(ChannelReader<Order> orders)
    {
        while (orders.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            while (orders.TryRead(out Order? order))
                Start(order);
    }

    private static void Start(Order order)
    {
        ChildProcess? child = null;
        Exception? failure = null;
        try
        {
            child = HostSystem.Current.Start(order.Command);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        order.Done(child, failure);
    }
}
