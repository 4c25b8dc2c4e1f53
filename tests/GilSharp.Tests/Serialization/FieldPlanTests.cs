using System.Reflection;
using GilSharp.Serialization;

namespace GilSharp.Tests.Serialization;

/// <summary>Generated code takes over from reflection where it can be made.</summary>
[TestClass]
public sealed class FieldPlanTests
{
    [TestMethod]
    [Timeout(60_000)]
    public async Task CodeThatCantBeGenerated_LeavesItToReflection()
    {
        var odd = new OddType();
        var plan = new FieldPlan(odd, () => FieldPlan.SlotsOf(typeof(Holder), below: null));
        byte[] first = Write(plan);
        for (int i = 0; i < 100; i++)
            Write(plan);

        await odd.Asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await Task.Run(static () => { }); // the thread pool is alive, and so are we
        CollectionAssert.AreEqual(first, Write(plan));
        Assert.IsNull(plan.Emitted);
    }

    private static byte[] Write(FieldPlan plan)
    {
        var sink = new System.Buffers.ArrayBufferWriter<byte>();
        var writer = new GraphWriter(sink);
        plan.Write(ref writer, new Holder { Value = 5 });
        writer.Flush();
        return sink.WrittenSpan.ToArray();
    }

    private sealed class Holder
    {
        public int Value;
    }

    /// <summary>A type for which no code can be generated.</summary>
    private sealed class OddType() : TypeDelegator(typeof(Holder))
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override Module Module
        {
            get
            {
                Asked.TrySetResult();
                throw new NotSupportedException();
            }
        }
    }
}
