using GilSharp.Serialization;

namespace GilSharp.Tests.Serialization;

/// <summary>Numbers, counts and texts of a payload, byte by byte: what is there is read, and nothing beyond it.</summary>
[TestClass]
public sealed class PrimitiveReadingTests
{
    [TestMethod]
    [DataRow(new byte[] { 0x7F }, 127u)]
    [DataRow(new byte[] { 0x80, 0x01 }, 128u)]
    [DataRow(new byte[] { 0x80, 0x80, 0x01 }, 1u << 14)]
    [DataRow(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x01 }, 1u << 28)]
    [DataRow(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x0F }, uint.MaxValue)]
    public void Number_IsReadToItsLastByte(byte[] bytes, uint number)
    {
        GraphReader reader = new(bytes);
        Assert.AreEqual(number, reader.ReadVarint());
        Assert.AreEqual(0, reader.Remaining);
    }

    [TestMethod]
    [DataRow(new byte[] { })]
    [DataRow(new byte[] { 0x80 })]
    [DataRow(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x10 })]       // a bit more than fits
    [DataRow(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 })] // six bytes
    public void Number_ThatEndsTooEarlyOrIsTooLong_IsRefused(byte[] bytes) =>
        Assert.ThrowsExactly<CallSerializationException>(() => new GraphReader(bytes).ReadVarint());

    [TestMethod]
    public void Value_IsNotReadBeyondTheEnd()
    {
        Assert.AreEqual(0x0807060504030201, new GraphReader([1, 2, 3, 4, 5, 6, 7, 8]).ReadUnmanaged<long>());
        Assert.ThrowsExactly<CallSerializationException>(() => new GraphReader([1, 2, 3, 4, 5, 6, 7]).ReadUnmanaged<long>());
    }

    [TestMethod]
    [DataRow(5, 2, 10, true)]
    [DataRow(5, 2, 9, false)]
    [DataRow(5, 0, 5, true)]  // an item takes a byte at least
    [DataRow(5, 0, 4, false)]
    public void Count_IsRefused_WhereSoManyItemsCanNotBeThere(int count, int itemSize, int bytesLeft, bool isRead)
    {
        byte[] bytes = [(byte)count, .. new byte[bytesLeft]];
        if (isRead)
            Assert.AreEqual(count, new GraphReader(bytes).ReadCount(itemSize));
        else
            Assert.ThrowsExactly<CallSerializationException>(() => new GraphReader(bytes).ReadCount(itemSize));
        Assert.ThrowsExactly<CallSerializationException>(() => new GraphReader([0xFF, 0xFF, 0xFF, 0xFF, 0x0F]).ReadCount(0));
    }

    [TestMethod]
    [DataRow(new byte[] { 0 }, null)]
    [DataRow(new byte[] { 1 }, "")]
    [DataRow(new byte[] { 5, (byte)'a', 0x7F }, "a\u007F")]
    [DataRow(new byte[] { 6, (byte)'a', 0, 0xE4, 0 }, "aä")]
    public void Text_IsOneByteForEachCharacterOrTwo(byte[] bytes, string? text) => Assert.AreEqual(text, new GraphReader(bytes).ReadString());

    [TestMethod]
    [DataRow(new byte[] { 5, (byte)'a' })]
    [DataRow(new byte[] { 6, (byte)'a', 0, (byte)'b' })]
    [DataRow(new byte[] { 5, (byte)'a', 0x80 })] // no character of one byte
    public void Text_ThatEndsTooEarlyOrIsNoAscii_IsRefused(byte[] bytes) =>
        Assert.ThrowsExactly<CallSerializationException>(() => new GraphReader(bytes).ReadString());
}
