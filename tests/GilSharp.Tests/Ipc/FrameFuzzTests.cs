using GilSharp.Ipc;

namespace GilSharp.Tests.Ipc;

/// <summary>Whatever bytes come through a channel: frames, or one error, and memory only for what has come.</summary>
[TestClass]
public sealed class FrameFuzzTests
{
    [TestMethod]
    [Timeout(1_800_000)]
    public void MutatedStreams_GiveTheFramesThatStandInThem_ThenAnError()
    {
        int values = Fuzzing.Run<InvalidDataException>(
            "frames", 20_000 * TestEffort.Factor,
            static random =>
            {
                byte[] stream = Frames(random);
                return Fuzzing.Mutate(stream, stream, random);
            },
            static bytes => Read(bytes, new Random(bytes.Length)));

        Assert.IsGreaterThan(0, values);
    }

    [TestMethod]
    [Timeout(1_800_000)]
    public void RandomStreams_GiveTheFramesThatStandInThem_ThenAnError() =>
        Fuzzing.Run<InvalidDataException>("noise", 20_000 * TestEffort.Factor, static random => Fuzzing.Noise(random, 400), static bytes => Read(bytes, new Random(bytes.Length)));

    [TestMethod]
    public void ForgedLength_CostsItsSenderTheBytes()
    {
        byte[] header = new byte[FrameHeader.Size];
        new FrameHeader(FrameKind.Result, length: FrameHeader.MaxLength).Write(header);
        byte[] sent = [.. header, .. new byte[1_000_000]];
        long before = GC.GetAllocatedBytesForCurrentThread();

        Read(sent, new Random(1));

        Assert.IsLessThan(12_000_000, GC.GetAllocatedBytesForCurrentThread() - before, "at most four times what came, and what was left behind in growing");
    }

    private static byte[] Frames(Random random)
    {
        FrameBuffer stream = new();
        for (int frames = random.Next(1, 6); frames > 0; frames--)
        {
            int at = stream.BeginFrame();
            stream.Write(Fuzzing.Noise(random, 60));
            stream.EndFrame(at, (FrameKind)random.Next(65, 73), random.Next(), (ushort)random.Next(256), (CallFlags)random.Next(64));
        }

        return stream.Written.ToArray();
    }

    /// <summary>Feeds the bytes in pieces as they might come, and compares each frame with where it must stand.</summary>
    private static void Read(byte[] bytes, Random random)
    {
        FrameReader reader = new();
        int expected = 0; // where the next frame begins
        for (int at = 0; at < bytes.Length;)
        {
            Span<byte> room = reader.Room();
            Assert.IsGreaterThan(0, room.Length);
            int count = Math.Min(Math.Min(random.Next(3) == 0 ? 1 : random.Next(1, 70_000), room.Length), bytes.Length - at);
            bytes.AsSpan(at, count).CopyTo(room);
            reader.Received(count);
            at += count;
            while (reader.TryRead(out FrameHeader header, out ReadOnlyMemory<byte> payload))
            {
                Assert.AreEqual(BitConverter.ToInt32(bytes, expected), header.Length);
                Assert.AreEqual(bytes[expected + 4], (byte)header.Kind);
                Assert.AreEqual(BitConverter.ToInt64(bytes, expected + 8), header.CallId);
                Assert.IsTrue(payload.Span.SequenceEqual(bytes.AsSpan(expected + FrameHeader.Size, header.Length)));
                expected += FrameHeader.Size + header.Length;
                Assert.IsLessThanOrEqualTo(at, expected);
            }

            Assert.IsFalse(expected + FrameHeader.Size <= at && BitConverter.ToInt32(bytes, expected) <= at - expected - FrameHeader.Size, "a whole frame was kept back");
        }
    }
}
