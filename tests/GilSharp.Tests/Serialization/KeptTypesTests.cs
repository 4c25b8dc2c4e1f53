using System.Numerics;
using System.Reflection;
using GilSharp.Serialization;

[assembly: AssemblyMetadata("GilSharp.KeptForWorkers", "GilSharp.Tests.Serialization.KeptTypesTests.Kept")]
[assembly: AssemblyMetadata("GilSharp.KeptForWorkers", "GilSharp.Tests.Serialization.KeptTypesTests.KeptGeneric`1")]
[assembly: AssemblyMetadata("Something else", "GilSharp.Tests.Serialization.KeptTypesTests.Forgotten")]

namespace GilSharp.Tests.Serialization;

/// <summary>What the generator lists is found; what it does not list is not.</summary>
[TestClass]
public sealed class KeptTypesTests
{
    [TestMethod]
    public void Type_ThatIsListed_IsKept_WithItsClosures()
    {
        Assert.IsTrue(KeptTypes.Contains(typeof(Kept)));
        Assert.IsTrue(KeptTypes.Contains(Kept.Closure(1).Target!.GetType()));
        Assert.IsTrue(KeptTypes.Contains(typeof(KeptGeneric<int>)));
        Assert.IsTrue(KeptTypes.Contains(KeptGeneric<string>.Closure("one").Target!.GetType()));
    }

    [TestMethod]
    public void Type_ThatIsNotListed_IsNotKept()
    {
        Assert.IsFalse(KeptTypes.Contains(typeof(Forgotten)));
        Assert.IsFalse(KeptTypes.Contains(typeof(KeptTypesTests)));
        Assert.IsFalse(KeptTypes.Contains(typeof(string)));
    }

    [TestMethod]
    public void ExceptionOfDotNet_ThatIsKept_IsKeptWithItsBaseClasses()
    {
        Type[] kept = [.. typeof(object).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Exception)) && KeptPlatformTypes.Contains(type))];

        Assert.IsGreaterThan(50, kept.Length);
        foreach (Type type in kept)
            Assert.IsTrue(type.BaseType == typeof(Exception) || KeptPlatformTypes.Contains(type.BaseType!), $"{type.BaseType} below {type}");
        Assert.IsFalse(KeptPlatformTypes.Contains(typeof(Tuple<int>)));
        Assert.IsTrue(KeptPlatformTypes.Contains(typeof(Comparer<int>)));
    }

    /// <summary>What a program that was compiled ahead of time asks of .NET's structs.</summary>
    [TestMethod]
    public void AddressInTheNameOfAStruct_IsSeen_WhereFieldsAreNot()
    {
        foreach (Type type in new[] { typeof(nint), typeof(nuint?), typeof((nint, int)), typeof((int, (long, nint))), typeof(KeyValuePair<int, nint>), typeof(CancellationToken?) })
            Assert.IsFalse(Blittable.ShowsNoAddress(type), type.ToString());

        foreach (Type type in new[] { typeof(Half), typeof(DateOnly), typeof(Vector3), typeof(Int128), typeof((int, int)), typeof(int?), typeof(Marked<Stream>) })
            Assert.IsTrue(Blittable.ShowsNoAddress(type), type.ToString());
    }

    private sealed class Kept
    {
        public static Func<int> Closure(int captured) => () => captured;
    }

    private sealed class KeptGeneric<T>
    {
        public static Func<T> Closure(T captured) => () => captured;
    }

    private sealed class Forgotten;

    private readonly record struct Marked<T>(int Number)
        where T : class;
}
