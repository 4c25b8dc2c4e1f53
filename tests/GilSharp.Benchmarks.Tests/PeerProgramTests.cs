using System.Diagnostics;
using GilSharp.Benchmarks.Peers;

namespace GilSharp.Benchmarks.Tests;

/// <summary>A peer that is not here is said to be not present; one that is here answers, and is gone afterwards.</summary>
[TestClass]
public sealed class PeerProgramTests
{
    private const string Obedient = "echo ready 1.0; while read question argument; do case $question in latency) echo 1.5 2.5;; quit) exit 0;; *) echo -;; esac; done";

    [TestMethod]
    public void Start_ProgramThatIsNotThere_NullAndWhy()
    {
        Assert.IsNull(PeerProgram.Start("nobody", new ProcessStartInfo("gilsharp-no-such-program"), out string why));
        Assert.AreNotEqual("", why);
    }

    [TestMethod]
    public void Start_ProgramWhoseLibraryIsMissing_NullAndItsLastError()
    {
        Assert.IsNull(PeerProgram.Start("lacking", Shell("echo 'no module named loky' >&2; exit 1"), out string why));
        Assert.AreEqual("no module named loky", why);
    }

    [TestMethod]
    public void Ask_ProgramThatAnswers_Figures()
    {
        using PeerProgram peer = PeerProgram.Start("obedient", Shell(Obedient), out _)!;

        Assert.AreEqual("1.0", peer.Version);
        CollectionAssert.AreEqual(new[] { 1.5, 2.5 }, peer.Ask("latency 1"));
        Assert.IsNull(peer.Ask("map 1"));
    }

    [TestMethod]
    public void Ask_ProgramThatHasEnded_Throws()
    {
        using PeerProgram peer = PeerProgram.Start("short-lived", Shell("echo ready 1.0; read question"), out _)!;

        Assert.ThrowsExactly<InvalidOperationException>(() => peer.Ask("latency 1"));
    }

    private static ProcessStartInfo Shell(string script) => new("sh", ["-c", script]);
}
