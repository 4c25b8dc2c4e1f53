using System.Reflection;

namespace GilSharp.Analyzers.Tests;

/// <summary>What a compiler demands of an assembly that it loads.</summary>
[TestClass]
public sealed class AnalyzerAssemblyTests
{
    [TestMethod]
    public void Assembly_TargetsNetStandard_SoThatEveryCompilerHostLoadsIt()
    {
        AssemblyName[] references = Assembly.Load("GilSharp.Analyzers").GetReferencedAssemblies();

        Assert.Contains("netstandard", references.Select(reference => reference.Name!).ToArray());
    }
}
