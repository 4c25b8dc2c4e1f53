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

    internal InlineWorker(PayloadCodec codec, WorkerCulture culture, Action<Exception> reportFailed)
    {
        _codec = codec;
        _reportFailed = reportFailed;
        _progress = new WorkerProgress(Report, _regions) { Codec = codec };
        _chunk = new ChunkRun(_room);
        _invoker = new CallInvoker(_progress, _chunk, _regions.TakeHandles) { Codec = codec, Culture = culture };
    }

    /// <summary>Runs a call to its end.</summary>
    /// <returns>What it returned, or what it threw, as it would have arrived from a worker.</returns>
    internal (Exception? Error, ReadOnlyMemory<byte> Payload) Run(PendingCall call, CancellationToken token)
    {
        WorkerContext.State before = WorkerContext.Save();
        IProgressChannel? channelBefore = CodecContext.Progress;
        (CultureInfo cultureBefore, CultureInfo uiCultureBefore) = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        SynchronizationContext? contextBefore = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null); // as in a worker: an asynchronous function must not need the thread that waits for it
        CodecContext.Progress = _progress;
        FrameBuffer answer = new();
        _call = call;
        _room.Chunk = call as ChunkCall;
        try
        {
            Define(call);
            WorkerContext.Enter(call.Id, token);
            _invoker.Invoke(new FrameHeader(FrameKind.Call, call.Id, 0, call.Flags, call.Payload.Length), call.Payload, answer, token);
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
            WorkerContext.Restore(before);
            CodecContext.Progress = channelBefore;
            _call = null;
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
        if (_call?.Terms?.Reporters is not { } reporters || (uint)number >= (uint)reporters.Count) return;
        try
        {
            reporters[number].Report(payload[sizeof(int)..].ToArray(), _codec);
        }
        catch (Exception exception)
        {
            _reportFailed(exception);
        }
    }
}
