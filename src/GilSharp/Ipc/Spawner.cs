using System.Threading.Channels;

namespace GilSharp.Ipc;

/// <summary>The one thread that creates all worker processes of this process.</summary>
/// <remarks>
/// A worker asks the kernel to kill it when its parent dies. "Parent" there means the thread that created it (prctl(2), PR_SET_PDEATHSIG): started
/// from a pool thread that the runtime retires later, a worker would die although the program lives. This thread never ends.
/// </remarks>
internal static class Spawner
{
    private static readonly Lazy<ChannelWriter<Order>> Orders = new(Open);

    private sealed record Order(CommandLine Command, Action<ChildProcess?, Exception?> Done);

    /// <summary>Starts a process; <paramref name="done"/> is called on the spawner's thread and must be short.</summary>
    internal static void Start(CommandLine command, Action<ChildProcess?, Exception?> done) => Orders.Value.TryWrite(new Order(command, done));

    private static ChannelWriter<Order> Open()
    {
        Channel<Order> orders = Channel.CreateUnbounded<Order>(new UnboundedChannelOptions { SingleReader = true });
        new Thread(() => Serve(orders.Reader), maxStackSize: 256 * 1024) { IsBackground = true, Name = "GilSharp spawner" }.UnsafeStart();
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
