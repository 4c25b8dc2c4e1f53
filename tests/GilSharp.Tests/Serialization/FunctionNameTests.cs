using System.Reflection;
using GilSharp.Serialization;

namespace GilSharp.Tests.Serialization;

/// <summary>Functions found by name, as NativeAOT programs find them.</summary>
[TestClass]
public sealed class FunctionNameTests
{
    private int _offset = 1;

    private static IEnumerable<object[]> Functions
    {
        get
        {
            int captured = 1;
            static int Local(int x) => x;
            int Capturing(int x) => x + captured;
            FunctionNameTests subject = new();
            yield return ["static method", (Func<int, int>)Overloaded];
            yield return ["other overload", (Func<long, long>)Overloaded];
            yield return ["overload by array", (Func<int[], int>)Overloaded];
            yield return ["instance method", (Func<int, int>)subject.Add];
            yield return ["lambda", (Func<int, int>)(x => x)];
            yield return ["closure", (Func<int, int>)(x => x + captured)];
            yield return ["local function", (Func<int, int>)Local];
            yield return ["capturing local function", (Func<int, int>)Capturing];
            yield return ["generic method of a value", (Func<int, string>)Generic];
            yield return ["generic method of a reference", (Func<string, string>)Generic];
            yield return ["generic method of an own type", (Func<Box<int>, string>)Generic];
            yield return ["two type parameters", (Func<int, string, string>)Generic];
            yield return ["method of a generic type", (Func<int, int>)Box<int>.Same];
            yield return ["lambda in a generic type", Box<string>.Lambda()];
            yield return ["method of the base library", (Func<int, int>)Math.Abs];
            yield return ["conversion by its result", Conversion(typeof(long))];
            yield return ["other conversion", Conversion(typeof(double))];
            yield return ["async lambda", (Func<int, Task<int>>)(async x => { await Task.Yield(); return x; })];
        }
    }

    [TestMethod]
    [DynamicData(nameof(Functions))]
    public void Function_IsFoundByItsName(string kind, Delegate function)
    {
        MethodInfo method = function.Method;

        string? name = FunctionName.Of(method);

        Assert.IsNotNull(name, kind);
        Assert.AreEqual(method, FunctionName.Find(name), kind);
    }

    [TestMethod]
    public void Names_OfDifferentFunctions_Differ()
    {
        string[] names = [.. Functions.Select(row => FunctionName.Of(((Delegate)row[1]).Method)!)];

        Assert.HasCount(names.Length, names.Distinct());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("No.Such.Type, Nowhere\nMethod\n0\nSystem.Int32")]
    [DataRow("System.Math, System.Runtime\nNoSuchMethod\n0\nSystem.Int32")]
    [DataRow("System.Math, System.Runtime\nAbs\n0\nSystem.Int32\nSystem.String")]
    [DataRow("System.Math, System.Runtime\nAbs\n1\nSystem.Int32")]
    [DataRow("System.Math, System.Runtime\nAbs\n-1\nSystem.Int32\nSystem.Int32")]
    [DataRow("System.Math, System.Runtime\nAbs\n2147483647\nSystem.Int32")]
    [DataRow("System.Math, System.Runtime\nAbs\nmany\nSystem.Int32\nSystem.Int32")]
    public void Name_OfNothing_FindsNothing(string name) => Assert.IsNull(FunctionName.Find(name));

    [TestMethod]
    public void DynamicMethod_HasNoName()
    {
        System.Reflection.Emit.DynamicMethod method = new("made up", typeof(int), []);
        System.Reflection.Emit.ILGenerator body = method.GetILGenerator();
        body.Emit(System.Reflection.Emit.OpCodes.Ldc_I4_1);
        body.Emit(System.Reflection.Emit.OpCodes.Ret);

        Assert.IsNull(FunctionName.Of(method.CreateDelegate<Func<int>>().Method));
    }

    [TestMethod]
    public void TokensAreUsed_WhereThereAreTokens() => Assert.IsFalse(FunctionName.IsNeededFor(((Func<int, int>)Overloaded).Method));

    private static int Overloaded(int x) => x;

    private static long Overloaded(long x) => x;

    private static int Overloaded(int[] x) => x.Length;

    private static string Generic<T>(T value) => $"{value}";

    private static string Generic<T1, T2>(T1 one, T2 other) => $"{one}{other}";

    private static Delegate Conversion(Type to)
    {
        MethodInfo conversion = typeof(Box<int>).GetMethods().Single(method => method.Name == "op_Explicit" && method.ReturnType == to);
        return conversion.CreateDelegate(typeof(Func<,>).MakeGenericType(typeof(Box<int>), to));
    }

    private int Add(int x) => x + _offset++;

    private sealed class Box<T>
    {
        public static T Same(T value) => value;

        public static Func<T, T> Lambda() => x => x;

        public static explicit operator long(Box<T> box) => 1;

        public static explicit operator double(Box<T> box) => 1;
    }
}
