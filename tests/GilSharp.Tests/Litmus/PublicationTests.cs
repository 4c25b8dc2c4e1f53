using GilSharp.Ipc;
using GilSharp.Ipc.Unix;
using static GilSharp.Tests.Litmus.Verdict;

namespace GilSharp.Tests.Litmus;

/// <summary>What one thread wrote is there for the next, through the lock, a count, a claim.</summary>
[TestClass]
public sealed class PublicationTests
{
    [TestMethod]
    public void Lock_BetweenWriterAndReader_PublishesAllOrNothing()
    {
        using GlobalInterpreterLock gil = new();
        LitmusTest.Run("publication through the lock", static (trial, _) => $"{trial.First} {trial.Second}", static (_, _) => { },
            [
                new("0 0", Allowed, "the reader came first"),
                new("1 1", Allowed, "the writer came first"),
                new("0 1", Forbidden, "the reader saw the middle of what the writer did under the lock"),
                new("1 0", Forbidden, "the reader saw the middle of what the writer did under the lock"),
            ],
            (trial, _) =>
            {
                gil.Enter();
                trial.X = 1;
                trial.Y = 1;
                gil.Exit();
            },
            (trial, _) =>
            {
                gil.Enter();
                trial.First = trial.Y;
                trial.Second = trial.X;
                gil.Exit();
            });
    }

    [TestMethod]
    public void LastRelease_OfACountedValue_SeesWhatEveryOwnerWrote() => LitmusTest.Run("publication through the count",
        static (trial, _) => $"{trial.First} {trial.Second} {trial.Third}",
        static (trial, _) =>
        {
            RefCounted<Trial> first = RefCounted.Create(trial, onRelease: static trial =>
            {
                trial.First = trial.X;
                trial.Second = trial.Y;
                trial.Third++;
            });
            trial.Subject = (first, first.AddReference());
        },
        [
            new("1 1 1", Allowed, "released once, and whoever did it saw what both owners wrote before they let go"),
            new("0 1 1", Forbidden, "the last release did not see what the first owner wrote"),
            new("1 0 1", Forbidden, "the last release did not see what the second owner wrote"),
            new("0 0 0", Forbidden, "nobody released the value"),
        ],
        static (trial, _) =>
        {
            trial.X = 1;
            (((RefCounted<Trial>, RefCounted<Trial>))trial.Subject!).Item1.Dispose();
        },
        static (trial, _) =>
        {
            trial.Y = 1;
            (((RefCounted<Trial>, RefCounted<Trial>))trial.Subject!).Item2.Dispose();
        });

    [TestMethod]
    public void Claim_OfACall_IsWonByOneSideWhichSeesTheCall()
    {
        using StatusPage page = StatusPage.Create(out int descriptor);
        _ = Libc.close(descriptor);
        LitmusTest.Run("claims", static (trial, _) => $"{trial.First} {trial.Second} {trial.Third}", static (_, _) => { },
            [
                new("0 1 1", Allowed, "the worker started the call, and saw what was written before it was offered"),
                new("1 0 0", Allowed, "the parent took the call back"),
                new("0 1 0", Forbidden, "the worker started a call that it could not see"),
                new("1 1 1", Forbidden, "both have the call"),
                new("1 1 0", Forbidden, "both have the call"),
                new("0 0 0", Forbidden, "nobody has the call"),
            ],
            (trial, index) =>
            {
                trial.X = 1;
                page.Offer(index, index + 1);
                Thread.SpinWait(index % 16);
                trial.First = page.TryTakeBack(index, index + 1) ? 1 : 0;
                page.Offer(index, 0);
            },
            (trial, index) =>
            {
                for (int tries = index % 8; tries >= 0 && trial.Second == 0; tries--)
                    trial.Second = page.TryStart(index, index + 1) ? 1 : 0;
                if (trial.Second == 1)
                    trial.Third = trial.X;
            });
    }
}
