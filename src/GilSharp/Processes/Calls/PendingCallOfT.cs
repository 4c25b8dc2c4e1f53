using GilSharp.Ipc;
using GilSharp.Processes.Worker;

namespace GilSharp.Processes.Calls;

/// <summary>A call whose result is a <typeparamref name="TResult"/>.</summary>
internal sealed class PendingCall<TResult> : PendingCall
{
    private readonly TaskCompletionSource<TResult> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task<TResult> Task => _source.Task;

    internal override void Succeed(ReadOnlyMemory<byte> payload, CallFlags flags)
    {
        TResult result;
        try
        {
            result = Decode(payload);
        }
        catch (Exception exception)
        {
            Fail(exception);
            return;
        }

        _source.TrySetResult(result);
    }

    internal override Action Read(ReadOnlyMemory<byte> payload, CallFlags flags)
    {
        try
        {
            TResult result = Decode(payload);
            return () => _source.TrySetResult(result);
        }
        catch (Exception exception)
        {
            return () => Fail(exception);
        }
    }

    internal override void Fail(Exception exception) => _source.TrySetException(exception);

    internal override void Cancel(CancellationToken token) => _source.TrySetCanceled(token);

    private TResult Decode(ReadOnlyMemory<byte> payload) => typeof(TResult) == typeof(Nothing) ? default! : Function.Codec.Read<TResult>(payload);
}
