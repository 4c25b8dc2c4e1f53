namespace GilSharp.Tests.Serialization;

/// <summary>Exceptions on their way back from a worker.</summary>
[TestClass]
public sealed class ExceptionTests
{
    [TestMethod]
    public void Exception_OfDotNet_KeepsTypeMessageAndFields()
    {
        var thrown = (ArgumentOutOfRangeException)Thrown(() => throw new ArgumentOutOfRangeException("size", 5, "too large"));

        var back = (ArgumentOutOfRangeException)Codec.RoundTripException(thrown);

        Assert.AreEqual(thrown.Message, back.Message);
        Assert.AreEqual("size", back.ParamName);
        Assert.AreEqual(5, back.ActualValue);
        Assert.AreEqual(thrown.HResult, back.HResult);
        StringAssert.StartsWith(back.StackTrace, thrown.StackTrace);
    }

    [TestMethod]
    public void Exception_OfTheUser_KeepsItsOwnFieldsAndData()
    {
        var thrown = new OrderException("broken", 42) { Data = { ["when"] = new DateTime(2026, 1, 1), ["list"] = new List<int> { 1 } }, HelpLink = "https://example.org" };

        var back = (OrderException)Codec.RoundTripException(thrown);

        Assert.AreEqual("Order 42: broken", back.Message);
        Assert.AreEqual(42, back.Order);
        Assert.AreEqual(new DateTime(2026, 1, 1), back.Data["when"]);
        CollectionAssert.AreEqual(new[] { 1 }, (List<int>)back.Data["list"]!);
        Assert.AreEqual("https://example.org", back.HelpLink);
    }

    [TestMethod]
    public void Chains_AndAggregates_Survive()
    {
        Exception thrown = new AggregateException("all", new InvalidOperationException("a", new FormatException("b", new OrderException("c", 1))), new TimeoutException("d"));

        var back = (AggregateException)Codec.RoundTripException(thrown);

        Assert.HasCount(2, back.InnerExceptions);
        Assert.AreSame(back.InnerExceptions[0], back.InnerException);
        Assert.AreEqual(thrown.Message, back.Message);
        Assert.AreEqual("Order 1: c", Assert.IsInstanceOfType<OrderException>(back.InnerException!.InnerException!.InnerException).Message);
        Assert.IsInstanceOfType<TimeoutException>(back.InnerExceptions[1]);
    }

    [TestMethod]
    public void Exception_ThatCannotBeRebuilt_ArrivesAsRemoteExceptionWithItsCause()
    {
        Exception thrown = Thrown(() => throw new HoldingException("held", new OrderException("cause", 7)));

        var back = (RemoteException)Codec.RoundTripException(thrown);

        Assert.AreEqual(typeof(HoldingException).FullName, back.TypeName);
        Assert.AreEqual("held", back.Message);
        StringAssert.Contains(back.RemoteStackTrace, nameof(Exception_ThatCannotBeRebuilt_ArrivesAsRemoteExceptionWithItsCause));
        Assert.AreEqual(7, Assert.IsInstanceOfType<OrderException>(back.InnerException).Order);
    }

    [TestMethod]
    public void Exception_WhoseOwnMembersThrow_IsWrittenAllTheSame()
    {
        Exception back = Codec.RoundTripException(new HostileException());

        Assert.IsNotNull(back);
    }

    [TestMethod]
    public void CancellationExceptions_Travel()
    {
        using var source = new CancellationTokenSource();
        Assert.IsInstanceOfType<OperationCanceledException>(Codec.RoundTripException(new OperationCanceledException("x", source.Token)));
        Assert.IsInstanceOfType<TaskCanceledException>(Codec.RoundTripException(new TaskCanceledException(Task.CompletedTask)));
    }

    [TestMethod]
    public void LongChains_AreCutNotOverflown()
    {
        var thrown = new InvalidOperationException("0");
        for (int i = 1; i < 20_000; i++)
            thrown = new InvalidOperationException($"{i}", thrown);

        Exception? back = Codec.RoundTripException(thrown);

        int length = 0;
        for (; back is not null; back = back.InnerException)
            length++;

        Assert.AreEqual(256, length);
    }

    [TestMethod]
    public void Exception_AsAValue_ArrivesWhole()
    {
        var cause = new OrderException("c", 3);
        Exception thrown = Thrown(() => throw new InvalidOperationException("m", cause));

        (Exception First, Exception Second, OrderException Cause) back = Codec.RoundTrip((thrown, thrown, cause));

        Assert.AreSame(back.First, back.Second);
        Assert.AreSame(back.First.InnerException, back.Cause);
        Assert.AreEqual("m", back.First.Message);
        StringAssert.StartsWith(back.First.StackTrace, thrown.StackTrace);
        StringAssert.Contains(Codec.Refusal<Exception>(new HoldingException("x", cause)).Message, "Stream");
    }

    private static Exception Thrown(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            return e;
        }

        throw new AssertFailedException("Nothing was thrown.");
    }

    private sealed class OrderException(string message, int order) : Exception(message)
    {
        public int Order { get; } = order;

        public override string Message => $"Order {Order}: {base.Message}";
    }

    private sealed class HoldingException(string message, Exception cause) : Exception(message, cause)
    {
        public Stream Stream { get; } = new MemoryStream();
    }

    private sealed class HostileException : Exception
    {
        public override string Message => throw new InvalidOperationException("no");

        public override string StackTrace => throw new InvalidOperationException("no");

        public override System.Collections.IDictionary Data => throw new InvalidOperationException("no");
    }
}
