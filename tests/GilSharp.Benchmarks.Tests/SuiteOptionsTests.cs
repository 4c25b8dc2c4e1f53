using GilSharp.Benchmarks.Suite;

namespace GilSharp.Benchmarks.Tests;

/// <summary>What <c>all</c> is asked for is what it does, or it says what it did not understand.</summary>
[TestClass]
public sealed class SuiteOptionsTests
{
    [TestMethod]
    public void Parse_Nothing_AllPartsAtLength()
    {
        SuiteOptions options = SuiteOptions.Parse([]);

        Assert.IsFalse(options.IsShort || options.Records || options.InstallsPeers);
        CollectionAssert.AreEqual(SuiteOptions.Parts, options.Only.ToArray());
    }

    [TestMethod]
    public void Parse_Short_LeavesOutTheLongParts()
    {
        CollectionAssert.AreEqual(new[] { "lock", "counts", "pool", "echo" }, SuiteOptions.Parse(["--short"]).Only.ToArray());
        CollectionAssert.AreEqual(new[] { "scaling" }, SuiteOptions.Parse(["--short", "--only", "scaling"]).Only.ToArray());
    }

    [TestMethod]
    [DataRow("--quick")]
    [DataRow("--only")]
    [DataRow("--only", "pools")]
    public void Parse_WhatItDoesNotKnow_NamesIt(params string[] args) =>
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => SuiteOptions.Parse(args)).Message, args[^1]);
}
