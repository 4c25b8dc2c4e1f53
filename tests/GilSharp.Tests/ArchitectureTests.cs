using System.Reflection;

namespace GilSharp.Tests;

/// <summary>Rules about the shape of the library that no compiler checks.</summary>
[TestClass]
public sealed class ArchitectureTests
{
    private static readonly Assembly Library = Assembly.Load("GilSharp");

    [TestMethod]
    public void PublicTypes_AreInTheOneNamespaceThatUsersImport()
    {
        string[] elsewhere = [.. Library.GetExportedTypes().Where(type => type.Namespace != "GilSharp").Select(type => type.FullName!)];

        Assert.IsEmpty(elsewhere, string.Join(", ", elsewhere));
    }
}
