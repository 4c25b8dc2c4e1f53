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
            result = typeof(TResult) == typeof(Nothing) ? default! : Function.Codec.Read<TResult>(payload);
        }
        catch (Exception exception)
        {
            Fail(exception);
            return;
        }

        _source.TrySetResult(result);
    }

    internal override void Fail(Exception exception) => _source.TrySetException(exception);

    internal override void Cancel(CancellationToken token) => _source.TrySetCanceled(token);
}
