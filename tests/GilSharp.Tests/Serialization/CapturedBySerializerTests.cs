using System.Buffers;
using System.Text.Json;
using GilSharp.Serialization;

namespace GilSharp.Tests.Serialization;

/// <summary>Another serializer carries captured variables; progress reporters go through the call's channel.</summary>
[TestClass]
public sealed class CapturedBySerializerTests
{
    [TestMethod]
    public void CapturedVariables_GoThroughTheSerializerByDeclaredType()
    {
        var serializer = new Json();
        int offset = 3;
        string text = "t";
        var list = new List<int> { 1 };
        Func<int, int> inner = x => x + offset;
        Func<int, string> function = x => text + inner(x) + list.Count;

        Assert.AreEqual("t81", Codec.RoundTripFunction(function, serializer)(5));
        CollectionAssert.AreEquivalent(new[] { typeof(int), typeof(string), typeof(List<int>) }, serializer.Written.ToArray());
    }

    [TestMethod]
    public void CapturedVariable_ThatTheSerializerRefuses_IsNamed()
    {
        Func<int> unfit = () => 1;
        Type type = typeof(int);

        CallSerializationException e = Assert.ThrowsExactly<CallSerializationException>(() => Codec.RoundTripFunction<Func<string>>(() => type.Name + unfit(), new Json()));

        Assert.AreEqual("captured variable 'type'", e.Path);
        Assert.IsInstanceOfType<NotSupportedException>(e.InnerException);
    }

    [TestMethod]
    public void TargetObjects_GoThroughTheSerializerByTheirType()
    {
        var serializer = new Json();

        Assert.AreEqual(12, Codec.RoundTripFunction<Func<int, int>>(new Multiplier { By = 3 }.Times, serializer)(4));
        Assert.AreSame(typeof(Multiplier), serializer.Written.Single());
    }

    [TestMethod]
    public void ProgressReporters_BecomeNumbersAndStandIns()
    {
        var channel = new Channel();
        var reporter = new Reporter();
        CodecContext.Progress = channel;
        try
        {
            IProgress<int> back = Codec.RoundTrip<IProgress<int>>(reporter);
            back.Report(5);
            Assert.AreEqual(5, reporter.Last);

            // Nested, and the same one twice.
            (IProgress<int> A, IProgress<int> B) twice = Codec.RoundTrip<(IProgress<int>, IProgress<int>)>((reporter, reporter));
            Assert.AreSame(twice.A, twice.B);

            IProgress<int> captured = reporter;
            Codec.RoundTripFunction<Action>(() => captured.Report(9))();
            Assert.AreEqual(9, reporter.Last);
        }
        finally
        {
            CodecContext.Progress = null;
        }

        Assert.Contains("argument of a call", Codec.Refusal<IProgress<int>>(reporter).Message);
    }

    private sealed class Multiplier
    {
        public int By { get; set; }

        public int Times(int x) => x * By;
    }

    private sealed class Json : IPayloadSerializer
    {
        public List<Type> Written { get; } = [];

        public void Serialize<T>(IBufferWriter<byte> writer, T value)
        {
            Written.Add(typeof(T));
            writer.Write(JsonSerializer.SerializeToUtf8Bytes(value));
        }

        public T Deserialize<T>(in ReadOnlySequence<byte> payload) => JsonSerializer.Deserialize<T>(payload.ToArray())!;
    }

    private sealed class Reporter : IProgress<int>
    {
        public int Last { get; private set; }

        public void Report(int value) => Last = value;
    }

    private sealed class Channel : IProgressChannel
    {
        public IRegionChannel? Regions => null;

        private readonly List<object> _reporters = [];

        public int Register<T>(IProgress<T> progress)
        {
            _reporters.Add(progress);
            return _reporters.Count - 1;
        }

        public IProgress<T> Create<T>(int number) => new StandIn<T>((IProgress<T>)_reporters[number]);
    }

    private sealed class StandIn<T>(IProgress<T> reporter) : IProgress<T>
    {
        public void Report(T value) => reporter.Report(value);
    }
}
