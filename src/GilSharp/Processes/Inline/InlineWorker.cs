using System.Globalization;
using GilSharp.Ipc;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Worker;
using GilSharp.Serialization;

namespace GilSharp.Processes.Inline;

/// <summary>Makes calls as a worker does, out of their bytes, but in this process. One call at a time.</summary>
internal sealed class InlineWorker
{
    private readonly CallInvoker _invoker;
    private readonly WorkerProgress _progress;
    private readonly InlineChunkRoom _room = new();
    private readonly InlineRegions _regions = new();
    private readonly ChunkRun _chunk;
    private readonly PayloadCodec _codec;
    private readonly Action<Exception> _reportFailed;
    private PendingCall? _call;
    private InlineCall? _context; // of _call

    internal InlineWorker(PayloadCodec codec, WorkerCulture culture, Action<Exception> reportFailed)
    {
        _codec = codec;
        _reportFailed = reportFailed;
        _progress = new WorkerProgress(Report, _regions, () => _call?.Id ?? 0) { Codec = codec };
        _chunk = new ChunkRun(_room);
        _invoker = new CallInvoker(_progress, _chunk, _regions.TakeHandles) { Codec = codec, Culture = culture };
    }

    /// <summary>Maps that have ended, whose functions it shall forget when it is idle; guarded by the engine's gate.</summary>
    internal Stack<SharedTarget> Ended { get; } = [];

    /// <summary>Runs a call to its end.</summary>
    /// <returns>What it returned, or what it threw, as it would have arrived from a worker.</returns>
    internal (Exception? Error, ReadOnlyMemory<byte> Payload) Run(PendingCall call, InlineCall context)
    {
        InlineCall? before = InlineCall.Swap(context);
        IProgressChannel? channelBefore = CodecContext.Progress;
        (CultureInfo cultureBefore, CultureInfo uiCultureBefore) = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        SynchronizationContext? contextBefore = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null); // as in a worker: an asynchronous function must not need the thread that waits for it
        CodecContext.Progress = _progress;
        FrameBuffer answer = new();
        (_call, _context) = (call, context);
        _room.Chunk = call as ChunkCall;
        try
        {
            Define(call);
            _invoker.Invoke(new FrameHeader(FrameKind.Call, call.Id, 0, call.Flags, call.Payload.Length), call.Payload, answer, context.Token);
            if (call is not ChunkCall) return (null, answer.Written.ToArray());
            _chunk.End();
            return (null, default); // its results have gone to the map
        }
        catch (Exception exception)
        {
            answer.Clear();
            ExceptionCodec.Write(answer, exception);
            return (ExceptionCodec.Read(answer.Written), default);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(contextBefore);
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (cultureBefore, uiCultureBefore);
            CodecContext.Progress = channelBefore;
            (_call, _context) = (null, null);
            context.End();
            InlineCall.Swap(before);
        }
    }

    /// <summary>What the call returned has been read.</summary>
    internal void EndCall() => _regions.EndCall();

    internal void Forget(SharedTarget target) => _invoker.ForgetTarget(target.Number);

    private void Define(PendingCall call)
    {
        if (!_invoker.Knows(call.Function.Number)) _invoker.Define(call.Function.Number, call.Function.Identity.Span);
        if (call is ChunkCall { Target: { } target } && !_invoker.KnowsTarget(target.Number)) _invoker.DefineTarget(target.Number, target.Definition.Span);
    }

    private void Report(ReadOnlySpan<byte> frame)
    {
        ReadOnlySpan<byte> payload = frame[FrameHeader.Size..];
        int number = BitConverter.ToInt32(payload);
        if (_call?.Terms?.Reporters is not { } reporters || (uint)number >= (uint)reporters.Count || _context is not { } context) return;

        // What the reporter calls is called inside this call, which may be waiting for it.
        InlineCall? before = InlineCall.Current;
        if (!context.IsAroundCaller()) InlineCall.Swap(context);
        try
        {
            reporters[number].Report(payload[sizeof(int)..].ToArray(), _codec);
        }
        catch (Exception exception)
        {
            _reportFailed(exception);
        }
        finally
        {
            InlineCall.Swap(before);
        }
    }
}
