using System.Reflection;
using GilSharp.Races.Weaving;
using Mono.Cecil;

namespace GilSharp.Races;

/// <summary>What is explored is what ships, and nothing of it is left out.</summary>
[TestClass]
public sealed class WeavingTests
{
    [TestMethod]
    public void Library_ThatShips_KnowsNothingOfTheSeam()
    {
        Assembly library = typeof(GlobalInterpreterLock).Assembly;
        Assert.AreEqual("Release", library.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration);
        CollectionAssert.DoesNotContain(library.GetReferencedAssemblies().Select(static name => name.Name).ToArray(), typeof(Weaver).Assembly.GetName().Name);
    }

    [TestMethod]
    public void Woven_HasTheTypesMethodsAndFieldsOfTheLibrary_AndItsIdentity()
    {
        using Weaver weaver = new(Universe.LibraryPath, Universe.SeamPath);
        Assert.AreEqual(typeof(GlobalInterpreterLock).Assembly.ManifestModule.ModuleVersionId, weaver.Identity);
        using ModuleDefinition before = ModuleDefinition.ReadModule(Universe.LibraryPath);
        using ModuleDefinition after = ModuleDefinition.ReadModule(new MemoryStream(weaver.Weave()));
        CollectionAssert.AreEqual(Members(before), Members(after));
    }

    [TestMethod]
    public void EveryCallThatOtherThreadsCanSee_HasACounterpartInTheSeam()
    {
        using Weaver weaver = new(Universe.LibraryPath, Universe.SeamPath);
        weaver.Weave();
        Assert.IsEmpty(weaver.Unmodelled, string.Join('\n', weaver.Unmodelled));
    }

    [TestMethod]
    public void EveryRacyField_Exists()
    {
        using ModuleDefinition library = ModuleDefinition.ReadModule(Universe.LibraryPath);
        HashSet<string> fields = [.. library.GetTypes().SelectMany(static type => type.Fields).Select(static field => $"{field.DeclaringType.FullName}::{field.Name}")];
        foreach (string field in RacyFields.Reasons.Keys)
            Assert.Contains(field, fields);
    }

    private static string[] Members(ModuleDefinition module) =>
        [.. module.GetTypes().SelectMany(static type => type.Methods.Select(static method => method.FullName).Concat(type.Fields.Select(static field => field.FullName)))];
}
