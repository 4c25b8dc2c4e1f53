namespace GilSharp.Models.Tests;

/// <summary>Every state of every model keeps what it promises, and each fault on purpose breaks a promise.</summary>
[TestClass]
public sealed class ModelTests
{
    [TestMethod]
    [DataRow("refcount.pml", "STRONG=2 WEAK=2")]
    [DataRow("deferred.pml", "HOLDERS=2 POSTERS=2")]
    [DataRow("gil.pml", "N=3")]
    [DataRow("gil.pml", "N=3 GIVEUP")]
    [DataRow("gil.pml", "N=2 LOANS")]
    [DataRow("gil.pml", "N=2 DISPOSE")]
    [DataRow("gil.pml", "N=2 LOANS GIVEUP DISPOSE")]
    [DataRow("gil.pml", "N=3 ABANDON")]
    [DataRow("worker.pml", "CRASHES=1")]
    [DataRow("worker.pml", "CRASHES=1 RETRIES=1")]
    [DataRow("worker.pml", "CRASHES=0 CANCEL")]
    [DataRow("worker.pml", "WORKERS=1 CRASHES=0 CANCEL")]
    [DataRow("worker.pml", "CRASHES=1 CLOSE")]
    [DataRow("worker.pml", "CRASHES=0 TERMINATE")]
    public void Safety_InEveryState_Holds(string model, string defines) => Holds(model, defines, liveness: false);

    [TestMethod]
    [DataRow("refcount.pml", "STRONG=2 WEAK=1")]
    [DataRow("deferred.pml", "HOLDERS=2 POSTERS=1")]
    [DataRow("gil.pml", "N=2 ENDLESS LOANS")]
    [DataRow("gil.pml", "N=3 ENDLESS")]
    [DataRow("gil.pml", "N=2 ENDLESS ABANDON")]
    [DataRow("worker.pml", "CRASHES=1")]
    [DataRow("worker.pml", "WORKERS=1 CRASHES=0 CANCEL")]
    public void Liveness_UnderWeakFairness_Holds(string model, string defines) => Holds(model, defines, liveness: true);

    [TestMethod]
    [DataRow("refcount.pml", "STRONG=3 WEAK=2", false)]
    [DataRow("deferred.pml", "HOLDERS=3 POSTERS=2", false)]
    [DataRow("gil.pml", "N=3 LOANS", false)]
    [DataRow("gil.pml", "N=3 DISPOSE", false)]
    [DataRow("gil.pml", "N=3 ENDLESS LOANS", true)]
    [DataRow("gil.pml", "N=3 ENDLESS ABANDON", true)]
    [DataRow("gil.pml", "N=4", false)]
    [DataRow("worker.pml", "CRASHES=1 TERMINATE", false)]
    [DataRow("worker.pml", "CRASHES=1 CANCEL", false)]
    public void Deeper_WhereAskedFor_Holds(string model, string defines, bool liveness)
    {
        if (!Spin.IsDeep)
            Assert.Inconclusive("GILSHARP_MODELS_DEEP=1 asks for it: it takes an hour and many gigabytes.");
        Holds(model, defines, liveness);
    }

    [TestMethod]
    [DataRow("refcount.pml", "BUG1", false, "a weak upgrade looks first and counts afterwards")]
    [DataRow("refcount.pml", "BUG2", false, "the last release reads the count again")]
    [DataRow("refcount.pml", "BUG3", false, "the word is closed by a plain write, over a reference taken meanwhile")]
    [DataRow("refcount.pml", "BUG4", false, "a handle's disposal looks and writes in two steps")]
    [DataRow("deferred.pml", "BUG1", false, "a release is pushed after P was set")]
    [DataRow("deferred.pml", "BUG2", false, "nobody is asked to run what was posted to a free lock")]
    [DataRow("deferred.pml", "BUG3", false, "P is cleared after the stack was taken")]
    [DataRow("deferred.pml", "BUG4", false, "the holder leaves without looking at P")]
    [DataRow("gil.pml", "N=2 BUG1", false, "who queues does not show it in the word")]
    [DataRow("gil.pml", "N=2 BUG2", false, "who goes to sleep does not look once more")]
    [DataRow("gil.pml", "N=2 LOANS BUG3", false, "a free lock is granted without being claimed")]
    [DataRow("gil.pml", "N=2 ENDLESS BUG4", true, "the lock is left to whoever comes first")]
    [DataRow("gil.pml", "N=2 ENDLESS BUG5", true, "nobody asks the holder to give way")]
    [DataRow("gil.pml", "N=3 ENDLESS BUG6", true, "newcomers go in front of all, as an unbounded priority would have it")]
    [DataRow("gil.pml", "N=2 ENDLESS LOANS BUG7", true, "a waiter may be passed over by loans without end")]
    [DataRow("gil.pml", "N=2 DISPOSE BUG8", false, "the disposal wakes nobody")]
    [DataRow("gil.pml", "N=2 GIVEUP BUG9", false, "a waiter withdraws though it was granted the lock")]
    [DataRow("gil.pml", "N=2 GIVEUP BUG10", false, "a request outlives the waiter that it was made for")]
    [DataRow("gil.pml", "N=2 BUG11", false, "the lock is handed over and set free as well")]
    [DataRow("gil.pml", "N=2 ABANDON BUG12", false, "nobody is told that the owner ended without leaving")]
    [DataRow("gil.pml", "N=3 ABANDON BUG13", false, "an owner is taken for ended because the holder before it has")]
    [DataRow("gil.pml", "N=2 ENDLESS ABANDON BUG14", true, "the ticker does not look whether the owner has ended")]
    [DataRow("worker.pml", "BUG1", false, "a call is taken back without asking the status page")]
    [DataRow("worker.pml", "BUG2", false, "a call that may have run is run again, though nobody allowed it")]
    [DataRow("worker.pml", "BUG3", false, "a worker claims a call in two steps")]
    [DataRow("worker.pml", "BUG4", false, "an answered call stays in its slot and is settled once more when the worker crashes")]
    [DataRow("worker.pml", "BUG5", false, "nobody looks after the calls that come back from a lost worker")]
    [DataRow("worker.pml", "WORKERS=1 CRASHES=0 CANCEL BUG6", true, "a worker is asked to stop a call that has been answered, and loses what it got since")]
    public void FaultOnPurpose_IsFound(string model, string defines, bool liveness, string fault)
    {
        Finding finding = Spin.Check(model, defines, liveness, isShort: true);
        Report.Add("Faults on purpose in the models", $"{(finding.Errors == 0 ? "SURVIVED" : "found"),-8} {$"{model} {defines}",-34} {fault}: {finding.Violation} after {finding.States:N0} states");
        Assert.AreNotEqual(0, finding.Errors, $"{model} with {defines} ({fault}) passes: {finding.Output}");
    }

    private static void Holds(string model, string defines, bool liveness)
    {
        Finding finding = Spin.Check(model, defines, liveness);
        Report.Add("Models, every state", $"{$"{model} {defines}",-36} {(liveness ? "liveness" : "safety"),-8} {finding.States,12:N0} states, {finding.Errors} errors");
        Assert.AreEqual(0, finding.Errors, finding.Output);
    }
}
