using System.Diagnostics;
using System.Runtime.CompilerServices;
using GilSharp.Locking;

namespace GilSharp;

/// <content>Who holds the lock, for code that asks twice on one thread and can remember the first answer.</content>
public sealed partial class GlobalInterpreterLock
{
    /// <summary>The number of the calling thread if it holds the lock, else 0. A number is never used for another thread.</summary>
    internal long HolderIfCurrent
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ThreadToken? me = ThreadToken.CurrentOrNull;
            return me is not null && LockWord.OwnerOf(Volatile.Read(ref _word)) == me.Id ? me.Id : 0;
        }
    }

    /// <summary><see cref="IsHeldByCurrentThread"/> for a caller that knows the number of its thread: without a look into thread-local storage.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsHeldByMe(long myNumber)
    {
        Debug.Assert(myNumber != 0, "0 is the owner of a free lock, not a thread.");
        return LockWord.OwnerOf(Volatile.Read(ref _word)) == myNumber;
    }
}
