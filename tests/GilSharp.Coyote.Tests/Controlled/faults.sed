# Plants the switches of FaultKind in the library's sources. A rule that no longer matches leaves a fault that nothing can find: its test fails.
s/return Interlocked\.CompareExchange(ref _word, Closed, 0) == 0;/return Fault.Is(FaultKind.WordClosedByPlainWrite) ? Fault.Overwrite(ref _word, Closed) : Interlocked.CompareExchange(ref _word, Closed, 0) == 0;/
s/Interlocked\.CompareExchange(ref _anchor, Tombstone\.For(anchor), anchor) == anchor/(Fault.Is(FaultKind.HandleEndedInTwoSteps) ? Fault.Overwrite(ref _anchor!, Tombstone.For(anchor)) : Interlocked.CompareExchange(ref _anchor, Tombstone.For(anchor), anchor) == anchor)/
s/lock (this)/lock (Fault.Is(FaultKind.CountedWithoutTheLock) ? new object() : this)/
/private bool SettleQueueNeedsGate/,/^    }/ s/^ *UpdateContendedNeedsGate();/if (!Fault.Is(FaultKind.QueueNotShown)) UpdateContendedNeedsGate();/
s/if (waiter\.State == WaitState\.Queued && !cancellationToken\.IsCancellationRequested && !MayEndLoan(waiter))/if (Fault.Is(FaultKind.NoLookBeforeSleep) || (waiter.State == WaitState.Queued \&\& !cancellationToken.IsCancellationRequested \&\& !MayEndLoan(waiter)))/
s/^\( *\)foreach (Waiter waiter in waiters)$/\1if (!Fault.Is(FaultKind.DisposalWakesNobody)) foreach (Waiter waiter in waiters)/
