using GilSharp.Ipc;

namespace GilSharp.Tests.Ipc;

/// <summary>How much memory frames are written to and read from, and whose it is.</summary>
[TestClass]
public sealed class FrameMemoryTests
{
    private const int Piece = 64 * 1024;

    [TestMethod]
    public void Buffer_DoublesUntilWhatIsWrittenFits()
    {
        FrameBuffer buffer = new(16);
        Assert.AreEqual(16, buffer.GetSpan(16).Length);
        buffer.Write(new byte[16]);
        Assert.AreEqual(16, buffer.GetMemory().Length); // full: 32
        buffer.Write(new byte[100]);
        Assert.AreEqual(116, buffer.Count);
        Assert.AreEqual(116, buffer.GetSpan().Length); // 116 were needed, then twice as much
    }

    [TestMethod]
    public void Buffer_KeepsWhatWasWritten_WhenItGrows()
    {
        FrameBuffer buffer = new(2);
        for (int i = 0; i < 1000; i++) buffer.Write(i);
        for (int i = 0; i < 1000; i++) Assert.AreEqual(i, BitConverter.ToInt32(buffer.Written[(4 * i)..]));
    }

    [TestMethod]
    public void Buffer_TakesWhatWasWrittenIntoItsSpan_AndNoMore()
    {
        FrameBuffer buffer = new(16);
        buffer.GetMemory(3).Span[..3].Fill(7);
        buffer.Advance(3);
        buffer.Advance(0);
        CollectionAssert.AreEqual(new byte[] { 7, 7, 7 }, buffer.Written.ToArray());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => buffer.Advance(-1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => buffer.Advance(14));
        buffer.Advance(13);
        Assert.AreEqual(16, buffer.Count);
    }

    [TestMethod]
    public void Length_IsThatOfWhatCameAfterIt()
    {
        FrameBuffer buffer = new();
        buffer.Write([9]);
        int at = buffer.ReserveLength();
        buffer.Write(stackalloc byte[5]);
        buffer.FillLength(at);

        Assert.AreEqual(1, at);
        CollectionAssert.AreEqual(new byte[] { 9, 5, 0, 0, 0, 0, 0, 0, 0, 0 }, buffer.Written.ToArray());
        buffer.Truncate(1);
        CollectionAssert.AreEqual(new byte[] { 9 }, buffer.Written.ToArray());
    }

    [TestMethod]
    [DataRow(4 * Piece, 4 * Piece)]
    [DataRow(4 * Piece + 1, 1024)]
    public void ClearedBuffer_KeepsAQuarterMebibyte_AndNoMore(int capacity, int kept)
    {
        FrameBuffer buffer = new(capacity);
        buffer.Write(1);
        buffer.Clear();

        Assert.AreEqual(0, buffer.Count);
        Assert.AreEqual(kept, buffer.GetSpan().Length);
    }

    [TestMethod]
    public void PayloadLargerThanTheLargestFrame_IsRefused_BeforeMemoryIsTaken()
    {
        FrameBuffer buffer = new();
        buffer.Write(1);
        CallSerializationException refusal = Assert.ThrowsExactly<CallSerializationException>(() => buffer.GetMemory(Array.MaxLength));
        StringAssert.Contains(refusal.Message, $"{Array.MaxLength + 4L} bytes");
    }

    [TestMethod]
    public void Reader_HasRoomForAFrameThatHasBegun_AndGivesTheMemoryBackAfterwards()
    {
        byte[] frame = Frame(6 * Piece);
        FrameReader reader = new();
        Assert.IsFalse(reader.HoldsPart);
        Assert.AreEqual(Piece, reader.Room().Length);

        List<int> rooms = [];
        for (int at = 0; at < frame.Length; at += rooms[^1])
        {
            Assert.IsFalse(reader.TryRead(out _, out _));
            Span<byte> room = reader.Room();
            rooms.Add(Math.Min(room.Length, frame.Length - at));
            frame.AsSpan(at, rooms[^1]).CopyTo(room);
            reader.Received(rooms[^1]);
            Assert.IsTrue(reader.HoldsPart);
        }

        CollectionAssert.AreEqual(new[] { Piece, 3 * Piece, frame.Length - 4 * Piece }, rooms); // four times what is there, as far as it is needed
        Assert.IsTrue(reader.TryRead(out FrameHeader header, out ReadOnlyMemory<byte> payload));
        Assert.AreEqual(6 * Piece, header.Length);
        Assert.IsTrue(payload.Span.SequenceEqual(frame.AsSpan(FrameHeader.Size)));
        Assert.IsFalse(reader.HoldsPart);
        Assert.AreEqual(Piece, reader.Room().Length);
    }

    [TestMethod]
    public void Reader_KeepsMemoryOfFourPieces()
    {
        FrameReader reader = new();
        Receive(reader, Frame(4 * Piece - FrameHeader.Size));
        Assert.IsTrue(reader.TryRead(out _, out _));
        Assert.AreEqual(4 * Piece, reader.Room().Length);
    }

    [TestMethod]
    public void Reader_MovesAFrameToTheFront_OnlyWhereItsRestHasNoRoom()
    {
        byte[] small = Frame(1000 - FrameHeader.Size);
        FrameReader reader = new();
        Receive(reader, [.. small, .. small[..100]]);
        Assert.IsTrue(reader.TryRead(out _, out _));
        Assert.AreEqual(Piece - 1100, reader.Room().Length); // the rest fits: it stays where it is

        byte[] large = Frame(Piece - FrameHeader.Size);
        reader = new();
        Receive(reader, [.. small, .. large[..100]]);
        Assert.IsTrue(reader.TryRead(out _, out _));
        Assert.AreEqual(Piece - 100, reader.Room().Length);
        Receive(reader, large.AsSpan(100));
        Assert.IsTrue(reader.TryRead(out _, out ReadOnlyMemory<byte> payload));
        Assert.IsTrue(payload.Span.SequenceEqual(large.AsSpan(FrameHeader.Size)));
    }

    [TestMethod]
    public void DetachedPayload_StaysAsItWas_AndWhatHadBegunArrives()
    {
        byte[] first = Frame(5000), second = Frame(90_000);
        FrameReader reader = new();
        Receive(reader, [.. first, .. second[..20]]);
        Assert.IsTrue(reader.TryRead(out _, out ReadOnlyMemory<byte> payload));
        reader.Detach();
        Receive(reader, second.AsSpan(20));

        Assert.IsTrue(reader.TryRead(out _, out ReadOnlyMemory<byte> next));
        Assert.IsTrue(payload.Span.SequenceEqual(first.AsSpan(FrameHeader.Size)));
        Assert.IsTrue(next.Span.SequenceEqual(second.AsSpan(FrameHeader.Size)));
        reader.Detach();
        Assert.AreEqual(Piece, reader.Room().Length);
    }

    [TestMethod]
    public void DetachedPayload_LeavesBehindIt_AllThatHasArrived()
    {
        byte[] first = Frame(1000), second = Frame(2 * Piece);
        FrameReader reader = new();
        Receive(reader, Frame(4 * Piece - FrameHeader.Size)); // makes room for both at once
        Assert.IsTrue(reader.TryRead(out _, out _));
        Receive(reader, [.. first, .. second]);
        Assert.IsTrue(reader.TryRead(out _, out ReadOnlyMemory<byte> payload));
        reader.Detach();

        Assert.IsTrue(reader.TryRead(out _, out ReadOnlyMemory<byte> next));
        Assert.IsTrue(payload.Span.SequenceEqual(first.AsSpan(FrameHeader.Size)));
        Assert.IsTrue(next.Span.SequenceEqual(second.AsSpan(FrameHeader.Size)));
    }

    [TestMethod]
    public void Header_OfAFrameThatHasBegun_CanBeSeen_OnceItIsThere()
    {
        byte[] frame = Frame(100);
        FrameReader reader = new();
        Assert.IsFalse(reader.TryPeek(out FrameHeader header));
        Receive(reader, frame.AsSpan(0, FrameHeader.Size - 1));
        Assert.IsFalse(reader.TryPeek(out header));
        Assert.AreEqual(0, header.Length);
        Receive(reader, frame.AsSpan(FrameHeader.Size - 1, 1));
        Assert.IsTrue(reader.TryPeek(out header));
        Assert.AreEqual(100, header.Length);
        Assert.IsFalse(reader.TryRead(out _, out _));
        Receive(reader, frame.AsSpan(FrameHeader.Size));
        Assert.IsTrue(reader.TryRead(out _, out _));
        Assert.IsFalse(reader.TryPeek(out _));
    }

    private static byte[] Frame(int length)
    {
        byte[] payload = new byte[length];
        new Random(length).NextBytes(payload);
        FrameBuffer buffer = new();
        int at = buffer.BeginFrame();
        buffer.Write(payload);
        buffer.EndFrame(at, FrameKind.Result);
        return buffer.Written.ToArray();
    }

    private static void Receive(FrameReader reader, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            Span<byte> room = reader.Room();
            int count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            reader.Received(count);
            bytes = bytes[count..];
        }
    }
}
