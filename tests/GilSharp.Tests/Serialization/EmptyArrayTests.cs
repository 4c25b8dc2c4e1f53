using System.Buffers;
using GilSharp.Serialization;

namespace GilSharp.Tests.Serialization;

/// <summary>Empty arrays are objects like others: two stay two, one stays one.</summary>
[TestClass]
public sealed class EmptyArrayTests
{
    [TestMethod]
    public void EmptyArrays_KeepTheirIdentity()
    {
        double[] shared = GC.AllocateUninitializedArray<double>(0);
        ArrayBufferWriter<byte> bytes = new();
        FieldCodec.Default.Serialize<object[]>(bytes, [shared, GC.AllocateUninitializedArray<double>(0), shared]);

        object[] back = FieldCodec.Default.Deserialize<object[]>(bytes.WrittenSpan);

        Assert.AreNotSame(back[0], back[1]);
        Assert.AreSame(back[0], back[2]);
    }
}
