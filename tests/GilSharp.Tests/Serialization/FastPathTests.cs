using System.Buffers;
using GilSharp.Serialization;

namespace GilSharp.Tests.Serialization;

/// <summary>Unmanaged values, strings and arrays: raw bytes, no allocation besides the result.</summary>
[TestClass]
public sealed class FastPathTests
{
    [TestMethod]
    public void Unmanaged_IsItsBytes()
    {
        CollectionAssert.AreEqual(BitConverter.GetBytes(0x01020304), Codec.Bytes(0x01020304));
        Assert.HasCount(16, Codec.Bytes(Guid.NewGuid()));
        Assert.HasCount(16, Codec.Bytes((1L, 2)));
    }

    [TestMethod]
    public void WritingAndReading_AllocatesNothingButTheResult()
    {
        Guid id = Guid.NewGuid();
        double[] numbers = new double[100];
        Allocates(0, 5);
        Allocates(0, id);
        Allocates(0, (1, 2.0));
        Allocates<string?>(22 + 10 + 8, "hello");
        Allocates(24 + 800, numbers);

        static void Allocates<T>(long atMost, T value)
        {
            var writer = new Plain();
            T back = default!;
            for (int i = 0; i < 3; i++)
            {
                writer.Length = 0;
                FieldCodec.Default.Serialize(writer, value);
                back = FieldCodec.Default.Deserialize<T>(writer.Written);
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            writer.Length = 0;
            FieldCodec.Default.Serialize(writer, value);
            back = FieldCodec.Default.Deserialize<T>(writer.Written);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.IsNotNull(back);
            Assert.IsLessThanOrEqualTo(atMost, allocated, typeof(T).ToString());
        }
    }

    [TestMethod]
    public void PayloadsInPieces_AreRead()
    {
        byte[] bytes = Codec.Bytes(new List<string> { "a", "bc" });
        var first = new Piece(bytes.AsMemory(0, 3));
        Piece last = first.Then(bytes.AsMemory(3));
        var sequence = new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);

        CollectionAssert.AreEqual(new[] { "a", "bc" }, FieldCodec.Default.Deserialize<List<string>>(sequence));
    }

    [TestMethod]
    public void TooFewOrTooManyBytes_AreAnError()
    {
        Assert.ThrowsExactly<CallSerializationException>(() => FieldCodec.Default.Deserialize<int>([1, 2, 3]));
        Assert.ThrowsExactly<CallSerializationException>(() => FieldCodec.Default.Deserialize<int>([1, 2, 3, 4, 5]));
        Assert.ThrowsExactly<CallSerializationException>(() => FieldCodec.Default.Deserialize<string>([0, 0]));
        Assert.ThrowsExactly<CallSerializationException>(() => FieldCodec.Default.Deserialize<int>([]));
    }

    private sealed class Plain : IBufferWriter<byte>
    {
        private readonly byte[] _bytes = new byte[4096];

        public int Length { get; set; }

        public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

        public void Advance(int count) => Length += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => _bytes.AsMemory(Length);

        public Span<byte> GetSpan(int sizeHint = 0) => _bytes.AsSpan(Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory)
        {
            Memory = memory;
        }

        public Piece Then(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
