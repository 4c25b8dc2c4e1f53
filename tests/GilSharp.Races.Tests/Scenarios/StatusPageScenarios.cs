using System.Reflection;
using System.Runtime.InteropServices;
using GilSharp.Ipc;
using GilSharp.Ipc.Unix;

namespace GilSharp.Races.Scenarios;

/// <summary>What a worker and its parent share: the status page, and the outbox at the parent's end of the pipe.</summary>
internal static unsafe class StatusPageScenarios
{
    internal const int PageLength = StatusPage.Length;

    private static readonly ConstructorInfo NewPage = typeof(StatusPage).GetConstructor(BindingFlags.Instance | BindingFlags.NonPublic, [typeof(byte*)])!;
    private static readonly nint Memory = (nint)NativeMemory.AlignedAlloc(PageLength, 4096);
    private static readonly (int Read, int Write) Pipe = MakePipe();
    private static readonly PlayedChild Child = new(null!, Pipe.Write); // an outbox asks for no page

    internal static readonly IReadOnlyList<Scenario> All =
    [
        new("page: taking a call back", "started or taken back, never both, never neither", TakingBack) { Bounds = new(8, 3) },
        new("page: taking back twice, starting once", "exactly one of three wins", ThreeClaims) { Bounds = new(5, 3) },
        new("page: the next call of the slot", "a claim on an earlier call does not touch the later one", NextOfSlot) { Bounds = new(8, 3) },
        new("page: shortening a chunk", "each item is started or taken back, never both, never neither", Shortening) { Bounds = new(3, 2) },
        new("page: a call that runs", "who sees the call sees its time", Publishing) { Bounds = new(8, 3) },
        new("page: results of a dead worker", "what is counted is whole", Results) { Bounds = new(8, 3) },
        new("outbox: two senders", "every frame is written, whole, in order of its sender", TwoSenders) { Bounds = new(3, 1) },
        new("outbox: closing", "nothing is written after the closing", Closing) { Bounds = new(3, 1) },
    ];

    internal static StatusPage PageAt(byte* memory) => (StatusPage)NewPage.Invoke([Pointer.Box(memory, typeof(byte*))]);

    private static StatusPage Page()
    {
        NativeMemory.Clear((byte*)Memory, 4096);
        return PageAt((byte*)Memory);
    }

    private static void TakingBack(Stage stage)
    {
        StatusPage page = Page();
        bool taken = false, started = false;
        page.Offer(3, 7);
        stage.Actor("parent", () => taken = page.TryTakeBack(3, 7));
        stage.Actor("worker", () => started = page.TryStart(3, 7));
        stage.Play();
        stage.Check(taken != started, "one of them has it");
        stage.Check(page.HasStarted(3, 7) == started, "the page says so");
    }

    private static void ThreeClaims(Stage stage)
    {
        StatusPage page = Page();
        bool first = false, second = false, started = false;
        page.Offer(3, 7);
        stage.Actor("parent", () => first = page.TryTakeBack(3, 7));
        stage.Actor("parent's other thread", () => second = page.TryTakeBack(3, 7));
        stage.Actor("worker", () => started = page.TryStart(3, 7));
        stage.Play();
        stage.Check((first ? 1 : 0) + (second ? 1 : 0) + (started ? 1 : 0) == 1, "exactly one wins");
    }

    private static void NextOfSlot(Stage stage)
    {
        StatusPage page = Page();
        bool late = true, started = false;
        page.Offer(3, 7);
        page.TryStart(3, 7);
        stage.Actor("parent", () =>
        {
            page.Offer(3, 263);
            started = page.TryStart(3, 263);
        });
        stage.Actor("parent's other thread", () => late = page.TryTakeBack(3, 7));
        stage.Play();
        stage.Check(!late && started, "the earlier call had started, the later one was not touched");
    }

    private static void Shortening(Stage stage)
    {
        StatusPage page = Page();
        int started = 0, kept = -1, keptByOther = -1;
        page.Publish(7, 1);
        page.BeginChunk(7, 3);
        stage.Actor("worker", () =>
        {
            while (page.TryStartItem())
                started++;
        });
        stage.Actor("parent", () => kept = page.Shorten(7, all: false));
        stage.Actor("parent's other thread", () => keptByOther = page.Shorten(7, all: true));
        stage.Play();
        stage.Check(started == page.StartedItems(7), "the page counts what has started");
        stage.Check(started == Math.Min(kept, keptByOther), $"{started} were started, {kept} and {keptByOther} kept");
    }

    private static void Publishing(Stage stage)
    {
        StatusPage page = Page();
        stage.Actor("worker", () => page.Publish(7, 99));
        stage.Actor("parent", () =>
        {
            if (page.RunningCall == 7)
                stage.Check(page.RunningSince == 99, "its time");
        });
        stage.Play();
    }

    private static void Results(Stage stage)
    {
        StatusPage page = Page();
        page.BeginChunk(6, 3);
        page.CountResults(1000);
        Thread worker = stage.Actor("worker", () =>
        {
            page.BeginChunk(7, 3);
            page.TryStartItem();
            page.CountResults(2000);
        });
        stage.Actor("death", () => stage.Kill(worker));
        stage.Actor("parent", () =>
        {
            stage.WaitFor(worker);
            int left = page.UnsentResults(7).Length, started = page.StartedItems(7);
            stage.Check(left == 0 || (left == 2000 - FrameHeader.Size && started == 1), "no result of an earlier chunk counts for this one");
        });
        stage.Play();
    }

    private static void TwoSenders(Stage stage)
    {
        DrainPipe();
        Outbox outbox = new();
        stage.Actor("A", () => Send(1));
        stage.Actor("B", () => Send(2));
        stage.Play();
        stage.Check(outbox.IsEmpty, "who flushes last leaves nothing");
        byte[] written = DrainPipe();
        FrameReader reader = new();
        written.CopyTo(reader.Room());
        reader.Received(written.Length);
        Dictionary<long, int> last = new() { [1] = 0, [2] = 0 };
        while (reader.TryRead(out FrameHeader header, out ReadOnlyMemory<byte> payload))
        {
            stage.Check(payload.Length == 3 && payload.Span[0] == header.CallId, "a frame is whole");
            stage.Check(header.Slot == ++last[header.CallId], "in the order of its sender");
        }

        stage.Check(last[1] == 2 && last[2] == 2 && outbox.TotalWritten == written.Length, "every frame was written");

        void Send(byte sender)
        {
            for (ushort i = 1; i <= 2; i++)
                outbox.Add(new FrameHeader(FrameKind.Call, sender, i, length: 3), new byte[] { sender, 0, 0 });
            stage.Check(outbox.Flush(Child, null) == Outbox.FlushOutcome.Done, "the pipe takes it");
        }
    }

    private static void Closing(Stage stage)
    {
        DrainPipe();
        Outbox outbox = new();
        outbox.Add(new FrameHeader(FrameKind.Call, 1, 1, length: 3), new byte[3]);
        stage.Actor("sender", () => outbox.Flush(Child, null));
        stage.Actor("closer", () =>
        {
            outbox.Close();
            long closedAt = outbox.TotalWritten;
            stage.Pause();
            stage.Pause();
            stage.Check(outbox.TotalWritten == closedAt, "nothing is written after the closing");
        });
        stage.Play();
        stage.Check(outbox.IsEmpty, "nothing is left");
    }

    private static (int Read, int Write) MakePipe()
    {
        int* ends = stackalloc int[2];
        return Libc.pipe2(ends, Libc.O_CLOEXEC | Libc.O_NONBLOCK) == 0 ? (ends[0], ends[1]) : throw new IOException("no pipe");
    }

    private static byte[] DrainPipe()
    {
        byte[] bytes = new byte[4096];
        fixed (byte* room = bytes)
        {
            nint count = Libc.read(Pipe.Read, room, 4096);
            return count > 0 ? bytes[..(int)count] : [];
        }
    }
}
