using System.Collections.Immutable;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace GilSharp.Tests.Serialization;

/// <summary>What can't travel is refused in the caller, with the way to it.</summary>
[TestClass]
public sealed class RefusalTests
{
    [TestMethod]
    public void ThingsOfAProcess_AreRefused()
    {
        Refused(Stream.Null, "stream");
        Refused(new StringWriter(), "stream");
        Refused(new SafeFileHandle(0, ownsHandle: false), "handle");
        Refused(Task.CompletedTask, "task");
        Refused(Task.FromResult(1), "task");
        Refused(Thread.CurrentThread, "Create it inside");
        Refused(new Timer(_ => { }), "Create it inside");
        Refused(new CancellationTokenSource(), "CancellationToken");
        Refused(new SemaphoreSlim(1), "lock");
        Refused(new Lock(), "lock");
        Refused(new ManualResetEvent(false), "lock");
        Refused(new WeakReference(new object()), "address");
        Refused(typeof(string).GetMethods()[0], "Type does");
        Refused(typeof(string).Assembly, "Type does");
        Refused(Enumerable.Range(0, 3).Select(i => i + 1), "ToArray");
        Refused(new Random(), "platform");
        Refused(new HttpClient(), "platform");
        Refused(new Lazy<int>(() => 1), "platform");
        Refused(Later(), "process");
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        Refused(socket, "process that opened it");
        using RefCounted<string> handle = RefCounted.Create("counted");
        Refused(handle, "in its process");
        Refused<Encoding>(new UTF8Encoding(false, throwOnInvalidBytes: true), "code page");
    }

    [TestMethod]
    public void ValuesOfAProcess_AreRefused()
    {
        Refused((nint)5, "long");
        Refused(new Token(default), "last parameter");
        Refused(new Pinned(default), "address");
        Refused(new[] { (nint)1 }, "long");
        Refused(new ValueTask<int>(1), "task");
    }

    [TestMethod]
    public void OwnTypesOfTheUser_ThatOwnSomething_AreRefused()
    {
        Refused(new Finalized(), "finalizer");
        Refused(new OwnStream(), "stream");
        Refused(new OwnHandle(), "handle");
        Refused(new OwnTask(), "task");
    }

    [TestMethod]
    public void Path_LeadsToTheCulprit()
    {
        var order = new Order { Lines = [new Line(), new Line { Attachments = new Dictionary<string, object> { ["a"] = 1, ["b"] = Stream.Null } }] };

        CallSerializationException e = Codec.Refusal(order);

        Assert.AreEqual("value.Lines[1].Attachments[1]", e.Path);
        StringAssert.StartsWith(e.Message, "value.Lines[1].Attachments[1] of type ");
    }

    [TestMethod]
    public void Path_LeadsToTheHandle_WhateverHoldsIt()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using RefCounted<string> handle = RefCounted.Create("counted");
        Assert.AreEqual("value.Content", Codec.Refusal(new Box<Socket>(socket)).Path);
        Assert.AreEqual("value.Content", Codec.Refusal(new Box<RefCounted<string>>(handle)).Path);
        Assert.AreEqual("value.Content", Codec.Refusal(new Box<nint>(5)).Path);
        Assert.AreEqual("value.Content.Value", Codec.Refusal(new Box<InStruct>(new(5))).Path);
        Assert.AreEqual("value[1].Content", Codec.Refusal<object[]>([1, new Box<nuint>(5)]).Path);
        StringAssert.StartsWith(Codec.Refusal(new Box<RefCounted<string>>(handle)).Message, "value.Content of type RefCounted<String> ");
    }

    [TestMethod]
    public void NestedDeeperThanTheStack_IsRefused_AndTheProgramGoesOn()
    {
        object nested = 1;
        for (int i = 0; i < 250; i++)
            nested = ImmutableStack.Create(nested);

        Exception? refusal = null;
        var thread = new Thread(() => AtTheEndOfTheStack(() => refusal = Caught(() => Codec.Bytes(nested))), maxStackSize: 256 * 1024);
        thread.Start();
        thread.Join();

        Assert.IsInstanceOfType<CallSerializationException>(refusal);
        Assert.Contains("stack", refusal.Message);
        Assert.IsNotEmpty(Codec.Bytes(nested), "there is room on this one");
    }

    [TestMethod]
    public void Nulls_OfRefusedTypes_Travel()
    {
        Assert.IsNull(Codec.RoundTrip<Stream?>(null));
        Assert.IsNull(Codec.RoundTrip(new Line()).Attachments);
    }

    [TestMethod]
    public void ARefusedCall_LeavesTheNextOneUnharmed()
    {
        var node = new Order { Lines = [new Line()] };
        for (int i = 0; i < 20; i++)
        {
            Codec.Refusal<object[]>([node, node, Stream.Null]);
            object[] back = Codec.RoundTrip<object[]>([node, node]);
            Assert.AreSame(back[0], back[1]);
        }
    }

    private static void Refused<T>(T value, string reason)
    {
        CallSerializationException e = Codec.Refusal(value);
        Assert.Contains(reason, e.Message);
        Assert.Contains(reason, Codec.Refusal<object>(value!).Message);
    }

    private static void AtTheEndOfTheStack(Action action)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            action();
            return;
        }

        Span<byte> room = stackalloc byte[1024];
        AtTheEndOfTheStack(action);
        room.Clear(); // used after the call, so that each level keeps its own
    }

    private static Exception? Caught(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private static async IAsyncEnumerable<int> Later()
    {
        await Task.Yield();
        yield return 1;
    }

    private readonly record struct Token(CancellationToken Value);

    private readonly record struct Pinned(GCHandle Value);

    private sealed class Finalized
    {
        private static int s_released;

        ~Finalized() => Interlocked.Increment(ref s_released);
    }

    private sealed class OwnStream : MemoryStream;

    private sealed class OwnHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: false)
    {
        protected override bool ReleaseHandle() => true;
    }

    private sealed class OwnTask() : Task<int>(() => 1);

    private sealed record Box<T>(T Content);

    private readonly record struct InStruct(nint Value);

    private sealed class Order
    {
        public List<Line> Lines { get; init; } = [];
    }

    private sealed class Line
    {
        public Dictionary<string, object>? Attachments { get; init; }
    }
}
