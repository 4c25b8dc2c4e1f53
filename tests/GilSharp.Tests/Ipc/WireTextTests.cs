using System.Buffers.Binary;
using GilSharp.Ipc;

namespace GilSharp.Tests.Ipc;

/// <summary>Text inside frames.</summary>
[TestClass]
public sealed class WireTextTests
{
    [TestMethod]
    public void Texts_OneAfterTheOther_ArriveAsTheyWere()
    {
        string?[] texts = ["a", null, "", "hällo", "\uD800", "\0", new string('x', 5000)];
        FrameBuffer buffer = new();
        foreach (string? text in texts) WireText.Write(buffer, text);

        ReadOnlySpan<byte> from = buffer.Written;
        foreach (string? text in texts) Assert.AreEqual(text, WireText.Read(ref from));
        Assert.AreEqual(0, from.Length);
    }

    [TestMethod]
    public void Text_HasTheBytesThatTheFormatNames()
    {
        FrameBuffer buffer = new();
        WireText.Write(buffer, "A\u0102");
        WireText.Write(buffer, (string?)null);

        CollectionAssert.AreEqual(new byte[] { 2, 0, 0, 0, 0x41, 0, 2, 1, 0xFF, 0xFF, 0xFF, 0xFF }, buffer.Written.ToArray());
    }

    [TestMethod]
    [DataRow(-2, 100)]
    [DataRow(int.MinValue, 100)]
    [DataRow(1, 1)]
    [DataRow(2, 3)]
    [DataRow(51, 100)]
    [DataRow(int.MaxValue, 100)]
    public void Text_LongerThanItsFrame_IsRefused(int length, int bytesThere)
    {
        byte[] frame = new byte[sizeof(int) + bytesThere];
        BinaryPrimitives.WriteInt32LittleEndian(frame, length);

        InvalidDataException refusal = Assert.ThrowsExactly<InvalidDataException>(() => Read(frame));
        StringAssert.Contains(refusal.Message, $"{length} characters");
    }

    [TestMethod]
    public void Text_ThatEndsWithItsFrame_IsRead_AndALengthThatIsCutShortIsRefused()
    {
        Assert.AreEqual("\0\0", Read([2, 0, 0, 0, 0, 0, 0, 0]));
        Assert.AreEqual("", Read([0, 0, 0, 0]));
        Assert.IsNull(Read([0xFF, 0xFF, 0xFF, 0xFF]));
        Assert.ThrowsExactly<InvalidDataException>(() => Read([0, 0, 0]));
        Assert.ThrowsExactly<InvalidDataException>(() => Read([]));
    }

    private static string? Read(ReadOnlySpan<byte> frame) => WireText.Read(ref frame);
}
