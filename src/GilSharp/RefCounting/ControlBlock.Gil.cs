using System.Runtime.CompilerServices;
using GilSharp.Locking;

namespace GilSharp.RefCounting;

/// <summary>Counting under a global interpreter lock: plain, as CPython does, and handed to the next holder by whoever does not hold it.</summary>
internal abstract partial class ControlBlock
{
    /// <summary>True if the calling thread may look at the value: always, but for a value counted under a GIL that it does not hold.</summary>
    internal bool MayBeLookedAt
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Kind != AnchorKind.GilCounted || Gil!.IsHeldByCurrentThread;
    }

    /// <summary>Throws unless the calling thread may look at a value that is counted under the GIL.</summary>
    internal void DemandGil()
    {
        if (!MayBeLookedAt)
        {
            throw Refusals.GilNotHeld(Gil!);
        }
    }

    private void ReleaseUnderGil()
    {
        if (!Gil!.IsHeldByCurrentThread)
        {
            Gil.Defer(new DeferredGilRelease(this));
        }
        else if (Word.DecrementUnderLock())
        {
            ReleaseValue();
        }
    }

    private ValueTask ReleaseUnderGilAsync()
    {
        if (!Gil!.IsHeldByCurrentThread)
        {
            DeferredGilReleaseAsync deferred = new(this);
            Gil.Defer(deferred);
            return new ValueTask(deferred.Completion);
        }

        return Word.DecrementUnderLock() ? ReleaseValueAsync(onPool: false) : ValueTask.CompletedTask;
    }

    /// <summary>A disposal that came from a thread without the GIL, carried out by the next holder.</summary>
    private sealed class DeferredGilRelease(ControlBlock block) : DeferredRelease
    {
        internal override void Run() => block.ReleaseUnderGil();
    }

    /// <summary>As <see cref="DeferredGilRelease"/>, for somebody who awaits the end.</summary>
    private sealed class DeferredGilReleaseAsync(ControlBlock block) : DeferredRelease
    {
        // The holder of the GIL must not run the code of whoever waits.
        private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Completion => _completion.Task;

        internal override void Run()
        {
            try
            {
                if (block.Word.DecrementUnderLock())
                {
                    // The disposer awaits; the holder, who only does the counting, has no reason to wait for it.
                    _ = CompleteAsync(block.ReleaseValueAsync(onPool: true));
                }
                else
                {
                    _completion.SetResult();
                }
            }
            catch (Exception error)
            {
                _completion.SetException(error);
            }
        }

        private async Task CompleteAsync(ValueTask release)
        {
            try
            {
                await release.ConfigureAwait(false);
                _completion.SetResult();
            }
            catch (Exception error)
            {
                _completion.SetException(error);
            }
        }
    }
}
