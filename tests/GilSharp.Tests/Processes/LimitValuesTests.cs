using System.Text;
using GilSharp.Processes.Engine;
using GilSharp.Processes.Startup;

namespace GilSharp.Tests.Processes;

/// <summary>Limits and tails that workers are given or leave, value by value.</summary>
[TestClass]
public sealed class LimitValuesTests
{
    [TestMethod]
    [DataRow(1L, "0x2000000")] // a runtime needs 32 MiB
    [DataRow(32L << 20, "0x2000000")]
    [DataRow((32L << 20) + 1, "0x2000001")]
    [DataRow(10L << 30, "0x280000000")]
    public void MemoryLimit_IsSaidInHexadecimal_AndIsNeverTooSmallToStart(long limit, string said) =>
        Assert.AreEqual(said, HeapLimit.For(new ProcessPoolOptions { WorkerMemoryLimit = limit }, _ => false));

    [TestMethod]
    [DataRow("DOTNET_GCHeapHardLimit")]
    [DataRow("DOTNET_GCHeapHardLimitPercent")]
    [DataRow("COMPlus_GCHeapHardLimit")]
    public void MemoryLimit_ThatTheUserHasSet_IsLeftAlone(string variable) =>
        Assert.IsNull(HeapLimit.For(new ProcessPoolOptions { WorkerMemoryLimit = 1L << 30 }, name => name == variable));

    [TestMethod]
    public void Tail_IsAllOfAShortStream_AndTheLastFourKibibytesOfALongOne()
    {
        ErrorTail tail = new();
        Assert.AreEqual("", tail.Text);
        tail.Add("ä first "u8);
        tail.Add("piece"u8);
        Assert.AreEqual("ä first piece", tail.Text);

        string text = string.Concat(Enumerable.Range(0, 2000).Select(i => $"{i};"));
        tail.Add(Encoding.UTF8.GetBytes(text));
        Assert.AreEqual(text[^4096..], tail.Text);
    }

    [TestMethod]
    [DataRow("ä", 2048, "", 2048)] // as many bytes as are kept
    [DataRow("ä", 2047, "x", 2047)]
    [DataRow("ä", 2048, "x", 2047)] // half a character too many
    [DataRow("€", 1366, "x", 1365)]
    [DataRow("€", 1366, "xx", 1364)]
    public void Tail_DoesNotBeginInTheMiddleOfACharacter(string character, int count, string end, int shown)
    {
        ErrorTail tail = new();
        tail.Add(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(character, count)) + end));
        Assert.AreEqual(string.Concat(Enumerable.Repeat(character, shown)) + end, tail.Text);
    }

    [TestMethod]
    public void Tail_OfAStreamThatBeganInTheMiddleOfACharacter_ShowsIt()
    {
        ErrorTail tail = new();
        tail.Add([0xA4, (byte)'x']);
        Assert.AreEqual("\uFFFDx", tail.Text);

        tail = new ErrorTail();
        tail.Add([0xA4, .. Encoding.ASCII.GetBytes(new string('x', 4095))]); // all of it is kept
        Assert.AreEqual("\uFFFD" + new string('x', 4095), tail.Text);
    }

    [TestMethod]
    public void Tail_WithoutTheBeginningOfACharacter_IsEmpty()
    {
        ErrorTail tail = new();
        tail.Add(Enumerable.Repeat((byte)0xA4, 5000).ToArray());
        Assert.AreEqual("", tail.Text);
    }
}
