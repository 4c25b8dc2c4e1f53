using System.Reflection;
using GilSharp.Ipc;

namespace GilSharp.Tests.Ipc;

/// <summary>What the explorer does not play: who flushes is interrupted.</summary>
[TestClass]
public sealed class OutboxTests
{
    [TestMethod]
    [Timeout(60_000)]
    public void ThreadThatIsInterruptedWhileItFlushes_EndsTheFlush_AndIsInterruptedAfterwards()
    {
        Outbox outbox = new();
        object gate = typeof(Outbox).GetField("_gate", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(outbox)!;
        using ManualResetEventSlim writes = new(), held = new();
        Sink sink = new(() =>
        {
            writes.Set();
            held.Wait();
            Thread.CurrentThread.Interrupt(); // at the next wait, which is that for the gate
        });
        bool interrupted = false;
        Thread flusher = new(() =>
        {
            try
            {
                outbox.Add(new FrameHeader(FrameKind.Leave), default);
                outbox.Flush(sink, whenFull: null);
                Thread.Sleep(Timeout.Infinite);
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        });
        flusher.Start();
        writes.Wait();
        lock (gate)
        {
            held.Set();
            Thread.Sleep(100); // so that it has to wait for the gate; if it doesn't, nothing can be seen here
        }

        Assert.IsTrue(flusher.Join(30_000));
        Assert.IsTrue(interrupted);
        Assert.IsTrue(outbox.IsEmpty, "The flush was left half done.");
    }

    private sealed class Sink(Action writes) : ChildProcess(null!)
    {
        internal override int ReadAnswers(Span<byte> room) => -1;

        internal override int ReadPrinted(int stream, Span<byte> room) => -1;

        internal override int WriteRequests(ReadOnlySpan<byte> bytes)
        {
            writes();
            return bytes.Length;
        }

        internal override void Signal()
        {
        }

        internal override ChannelEvents Wait(ChannelEvents wanted, int milliseconds) => ChannelEvents.Exited;

        internal override void Kill()
        {
        }

        internal override ExitStatus Collect() => default;

        public override void Dispose()
        {
        }
    }
}
