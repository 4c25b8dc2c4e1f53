using System.Runtime.CompilerServices;
using GilSharp.Ipc;

namespace GilSharp.Tests.Ipc;

/// <summary>Frames: their bytes, and how they are cut out of a stream.</summary>
[TestClass]
public sealed class FrameTests
{
    [TestMethod]
    public void Header_HasTheBytesThatTheProtocolDraws()
    {
        byte[] bytes = new byte[FrameHeader.Size];
        new FrameHeader(FrameKind.Call, 0x1122334455667788, 0x99AA, CallFlags.Watched | CallFlags.HasTarget, 0x01020304).Write(bytes);

        Assert.AreEqual(16, Unsafe.SizeOf<FrameHeader>());
        CollectionAssert.AreEqual(new byte[] { 4, 3, 2, 1, 3, 5, 0xAA, 0x99, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11 }, bytes);
    }

    [TestMethod]
    public void Reader_HasTheNextFrame_WhenItIsThereWhole_AndOfThatKind_AndSaysNothingOfWhatIsNoFrame()
    {
        byte[] call = new byte[FrameHeader.Size + 5];
        new FrameHeader(FrameKind.Call, 1, length: 5).Write(call);
        for (int count = 0; count <= call.Length; count++)
            Assert.AreEqual(count == call.Length, Holding(call.AsSpan(0, count)).Has(FrameKind.Call), $"{count} bytes");
        Assert.IsFalse(Holding(call).Has(FrameKind.Cancel));

        new FrameHeader(FrameKind.Call, 1, length: -1).Write(call);
        Assert.IsFalse(Holding(call).Has(FrameKind.Call));
        Assert.IsFalse(Holding(new byte[64]).Has(FrameKind.Call));

        static FrameReader Holding(ReadOnlySpan<byte> bytes)
        {
            FrameReader reader = new(FrameKinds.ToWorker);
            bytes.CopyTo(reader.Room());
            reader.Received(bytes.Length);
            return reader;
        }
    }

    [TestMethod]
    public void Reader_GivesTheSameFrames_HoweverTheBytesArrive()
    {
        Random random = new(7);
        byte[][] payloads = [.. new[] { 0, 1, 15, 16, 17, 70_000, 3, 300_000, 0, 5 }.Select(length =>
        {
            byte[] payload = new byte[length];
            random.NextBytes(payload);
            return payload;
        })];
        FrameBuffer stream = new();
        foreach (byte[] payload in payloads)
        {
            int at = stream.BeginFrame();
            stream.Write(payload);
            stream.EndFrame(at, FrameKind.Result, payload.Length);
        }

        foreach (int piece in new[] { 1, 13, 4096, 1_000_000 })
        {
            FrameReader reader = new();
            int read = 0;
            for (int at = 0; at < stream.Count;)
            {
                Span<byte> room = reader.Room();
                Assert.IsGreaterThan(0, room.Length);
                int count = Math.Min(Math.Min(piece, room.Length), stream.Count - at);
                stream.Written.Slice(at, count).CopyTo(room);
                reader.Received(count);
                at += count;
                while (reader.TryRead(out FrameHeader header, out ReadOnlyMemory<byte> payload))
                {
                    Assert.AreEqual(payloads[read].Length, header.CallId);
                    CollectionAssert.AreEqual(payloads[read++], payload.ToArray());
                }
            }

            Assert.AreEqual(payloads.Length, read);
            Assert.AreEqual(stream.Count, reader.TotalReceived);
        }
    }

    [TestMethod]
    [DataRow(-1, (byte)3)]
    [DataRow(int.MaxValue, (byte)3)]
    [DataRow(5, (byte)0)]
    public void Reader_RefusesWhatIsNoHeader(int length, byte kind)
    {
        FrameReader reader = new();
        new FrameHeader((FrameKind)kind, length: length).Write(reader.Room());
        reader.Received(FrameHeader.Size);
        Assert.ThrowsExactly<InvalidDataException>(() => reader.TryRead(out _, out _));
    }

    [TestMethod]
    public void Reader_DoesNotBelieveALengthBeforeTheBytesArrive()
    {
        FrameReader reader = new();
        new FrameHeader(FrameKind.Result, length: FrameHeader.MaxLength).Write(reader.Room());
        reader.Received(FrameHeader.Size);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            int room = reader.Room().Length;
            reader.Received(Math.Min(room, 1000));
        }

        Assert.IsLessThan(1_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Buffer_GivesBackTheMemoryOfALargeFrame()
    {
        FrameBuffer buffer = new();
        buffer.Write(new byte[10_000_000]);
        buffer.Clear();
        Assert.IsLessThan(1_000_000, buffer.GetSpan().Length);
    }

    [TestMethod]
    public void EveryKindOfFrame_GoesOneWay_AndNoOtherNumberGoesAnyway()
    {
        foreach (FrameKind kind in Enum.GetValues<FrameKind>().Where(kind => kind != FrameKind.None))
        {
            Assert.AreNotEqual(FrameKinds.ToWorker.Has(kind), FrameKinds.ToPool.Has(kind), $"{kind}");
            Assert.AreEqual((byte)kind > 64, FrameKinds.ToPool.Has(kind), $"{kind}");
        }

        Assert.IsFalse(FrameKinds.ToPool.Has(FrameKind.Call) || FrameKinds.ToWorker.Has(FrameKind.Result) || FrameKinds.All.Has(FrameKind.None));
    }

    [TestMethod]
    public void HeaderThatCanNotBeMeantForUs_IsRefused_BeforeItsPayloadIsWaitedFor()
    {
        foreach (string text in (string[])["hello, world, this is text", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"])
        {
            FrameReader reader = new(FrameKinds.ToPool);
            byte[] bytes = System.Text.Encoding.ASCII.GetBytes(text);
            bytes.CopyTo(reader.Room());
            reader.Received(bytes.Length);
            Assert.ThrowsExactly<InvalidDataException>(() => reader.TryRead(out _, out _), text);
        }
    }

    [TestMethod]
    public void HeaderOfAKindWithoutPayload_ThatPromisesOne_IsRefused_BeforeItIsWaitedFor()
    {
        foreach (FrameKind kind in (FrameKind[])[FrameKind.Cancel, FrameKind.Leave, FrameKind.ForgetTarget, FrameKind.AnswerRead])
        {
            FrameReader reader = new(FrameKinds.ToWorker);
            Span<byte> room = reader.Room();
            new FrameHeader(kind, length: 50_000_000).Write(room);
            reader.Received(FrameHeader.Size);
            Assert.ThrowsExactly<InvalidDataException>(() => reader.TryRead(out _, out _), kind.ToString());
        }
    }

    [TestMethod]
    public void AnswerThatDoesNotEndWithItsMark_IsNotBelieved()
    {
        const long Call = 7;
        byte[] answer = [1, 2, 3, 4, 5, 6, 7, 8, .. BitConverter.GetBytes(AnswerMark.Of(Call))];
        CollectionAssert.AreEqual(answer[..8], AnswerMark.Strip(answer, Call).ToArray());
        Assert.IsEmpty(AnswerMark.Strip(answer.AsMemory(8), Call).ToArray(), "An answer that says nothing else.");
        byte[][] broken =
        [
            [.. answer[..4], .. "text"u8, .. answer[4..^4]], // printed into it: what lay at its end is cut off by its length
            answer[..^1],
            [.. answer[1..], 0],
            [],
            answer[..3],
        ];
        foreach (byte[] one in broken) Assert.ThrowsExactly<InvalidDataException>(() => AnswerMark.Strip(one, Call), BitConverter.ToString(one));
        Assert.ThrowsExactly<InvalidDataException>(() => AnswerMark.Strip(answer, Call + 1), "Another call's.");
        Assert.HasCount(100_000, Enumerable.Range(0, 100_000).Select(static id => AnswerMark.Of(id)).Distinct().ToArray());
    }
}
