using GilSharp.Ipc;
using GilSharp.Serialization;

namespace GilSharp.Processes.Worker;

/// <summary>Puts a whole frame on its way to the caller.</summary>
internal delegate void FrameSender(ReadOnlySpan<byte> frame);

/// <summary>Stand-ins for the caller's reporters: what they are told is sent to the caller, in order, before the call's result.</summary>
/// <param name="send">Takes the reports.</param>
/// <param name="regions">Finds the shared memory that arguments name.</param>
/// <param name="running">The number of the call that runs; 0 between calls.</param>
internal sealed class WorkerProgress(FrameSender send, IRegionChannel regions, Func<long> running) : IProgressChannel
{
    /// <summary>The call whose arguments are being read, or that runs; none while what a map captures is read, which serves all of its calls.</summary>
    internal FrameHeader Call { get; set; }

    internal PayloadCodec Codec { get; set; }

    public IRegionChannel Regions => regions;

    public int Register<T>(IProgress<T> progress) =>
        throw new CallSerializationException("An IProgress<T> can be an argument or a captured variable of a call; it can't be part of a result.");

    public IProgress<T> Create<T>(int number) => new StandIn<T>(this, Call, number);

    // A report is no part of the call's answer: what it names would be gone, or given away, with the answer.
    private void WriteReport<T>(FrameBuffer buffer, T value)
    {
        IProgressChannel? before = CodecContext.Progress;
        CodecContext.Progress = null;
        try
        {
            Codec.Write(buffer, value);
        }
        finally
        {
            CodecContext.Progress = before;
        }
    }

    private void Send(ReadOnlySpan<byte> frame) => send(frame);

    private long Running => running();

    private sealed class StandIn<T>(WorkerProgress owner, FrameHeader ownCall, int number) : IProgress<T>
    {
        /// <summary>May be called from any thread; after the call has ended it does nothing.</summary>
        public void Report(T value)
        {
            FrameHeader call = ownCall.CallId == 0 ? owner.Call : ownCall;
            if (owner.Running != call.CallId) return;
            FrameBuffer buffer = new(256);
            int frame = buffer.BeginFrame();
            buffer.Write(number);
            owner.WriteReport(buffer, value);
            buffer.EndFrame(frame, FrameKind.Progress, call.CallId, call.Slot);
            owner.Send(buffer.Written);
        }
    }
}
