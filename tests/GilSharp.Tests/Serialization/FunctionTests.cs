using System.Globalization;
using System.Linq.Expressions;
using System.Reflection.Emit;
using GilSharp.Serialization;

namespace GilSharp.Tests.Serialization;

/// <summary>Every kind of function, there and back within one process.</summary>
[TestClass]
public sealed class FunctionTests
{
    private readonly int _factor = 3;

    [TestMethod]
    public void StaticMethods_Travel()
    {
        Assert.AreEqual(8, Codec.RoundTripFunction<Func<int, int>>(Twice)(4));
        Assert.AreEqual(2.0, Codec.RoundTripFunction<Func<double, double>>(Math.Sqrt)(4));
        Assert.IsFalse(FunctionPlan.For((Func<int, int>)Twice).HasTarget);
    }

    [TestMethod]
    public void InstanceMethods_TravelWithTheirTarget()
    {
        Assert.AreEqual(35, Codec.RoundTripFunction<Func<int, int>>(new Multiplier(7).Times)(5));
        Assert.AreEqual(35, Codec.RoundTripFunction<Func<int, int>>(((Calculator)new Multiplier(7)).Times)(5));
        Assert.AreEqual(5, Codec.RoundTripFunction<Func<int>>("hello".Count)());
        Assert.AreEqual("hello", Codec.RoundTripFunction<Func<string>>("HELLO".ToLowerInvariant)());
    }

    [TestMethod]
    public void Lambdas_TravelWithWhatTheyUse()
    {
        int offset = 10;
        string text = "ab";
        var list = new List<int> { 1, 2 };
        Assert.AreEqual(4, Codec.RoundTripFunction<Func<int, int>>(x => x + 1)(3));
        Assert.AreEqual(15, Codec.RoundTripFunction<Func<int, int>>(x => x + offset + list.Count)(3));
        Assert.AreEqual("ab!", Codec.RoundTripFunction<Func<string>>(() => text + "!")());
        Assert.AreEqual(12, Codec.RoundTripFunction<Func<int, int>>(x => x * _factor)(4));
        Assert.AreEqual(22, Codec.RoundTripFunction<Func<int, int>>(x => (x * _factor) + offset)(4));
    }

    [TestMethod]
    public void Lambda_CapturedScopesWithinScopes_Travel()
    {
        int outer = 1;
        for (int i = 0; i < 2; i++)
        {
            int middle = i * 10;
            for (int j = 0; j < 2; j++)
            {
                int inner = j * 100;
                Func<int, int> function = x => x + outer + middle + inner;
                Assert.AreEqual(function(1000), Codec.RoundTripFunction(function)(1000));
                Func<int, int> nested = x => new[] { x }.Select(y => y + outer + inner + middle).Sum();
                Assert.AreEqual(nested(1000), Codec.RoundTripFunction(nested)(1000));
            }
        }
    }

    [TestMethod]
    public void Lambda_OnlyWhatItUsesTravels()
    {
        using var stream = new MemoryStream();
        int used = 5;
        Func<long> other = () => stream.Length;
        Func<int, int> function = x => x + used;

        Assert.AreEqual(6, Codec.RoundTripFunction(function)(1));
        Assert.AreEqual(0, other());
    }

    [TestMethod]
    public void Lambda_UsesAStream_IsRefusedWithItsName()
    {
        using var stream = new MemoryStream();
        Func<long> function = () => stream.Length;

        CallSerializationException e = Assert.ThrowsExactly<CallSerializationException>(() => Codec.RoundTripFunction(function));
        Assert.Contains("captured variable 'stream' of type MemoryStream", e.Message);
    }

    [TestMethod]
    public void LocalFunctions_Travel()
    {
        int offset = 10;
        Assert.AreEqual(13, Codec.RoundTripFunction<Func<int, int>>(Add)(3));
        Assert.AreEqual(4, Codec.RoundTripFunction<Func<int, int>>(Plain)(3));
        Assert.AreEqual(120, Codec.RoundTripFunction<Func<int, int>>(Factorial)(5));

        int Add(int x) => x + offset;
        static int Plain(int x) => x + 1;
        int Factorial(int x) => x <= 1 ? 1 + offset - 10 : x * Factorial(x - 1);
    }

    [TestMethod]
    public void RecursiveLambda_Travels()
    {
        Func<int, int> fibonacci = null!;
        fibonacci = n => n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);

        Assert.AreEqual(55, Codec.RoundTripFunction(fibonacci)(10));
    }

    [TestMethod]
    public void GenericMethodsAndTypes_Travel()
    {
        Assert.AreEqual(1, Codec.RoundTripFunction<Func<int, int>>(Identity)(1));
        Assert.AreEqual("s", Codec.RoundTripFunction<Func<string, string>>(Identity)("s"));
        Assert.AreEqual(typeof(string), Codec.RoundTripFunction<Func<Type>>(NameOf<string>)());
        Assert.AreEqual(typeof(object), Codec.RoundTripFunction<Func<Type>>(NameOf<object>)());
        Assert.AreEqual((typeof(string), typeof(object)), Codec.RoundTripFunction(Box<string>.Make<object>("x"))());
        Assert.AreEqual((typeof(object), typeof(object)), Codec.RoundTripFunction(Box<object>.Make<object>("x"))());
        Assert.AreEqual((typeof(int), typeof(long)), Codec.RoundTripFunction(Box<int>.Make<long>(5))());
    }

    [TestMethod]
    public async Task AsyncFunctions_Travel()
    {
        int offset = 10;
        Func<int, Task<int>> function = async x =>
        {
            await Task.Yield();
            return x + offset + await Task.FromResult(_factor);
        };

        Assert.AreEqual(18, await Codec.RoundTripFunction(function)(5));
        Assert.AreEqual(6, await Codec.RoundTripFunction<Func<int, Task<int>>>(LaterAsync)(5));
    }

    [TestMethod]
    public void CapturedFunctions_TravelAsFunctions()
    {
        int a = 2, b = 3;
        Func<int, int> times = x => x * a;
        Func<int, int> plus = x => x + b;
        Func<int, int> both = x => plus(times(x));

        Assert.AreEqual(23, Codec.RoundTripFunction(both)(10));
    }

    [TestMethod]
    public void Function_AssignsACapturedVariable_IsRefusedWithItsName()
    {
        int counter = 0;
        int other = 0;
        (int X, int Y) point = (1, 2);
        Refused(() => counter++, "counter");
        Refused(() => Interlocked.Increment(ref counter), "counter");
        Refused(() => Assert.IsTrue(int.TryParse("1", out other)), "other");
        Refused(() => point.X = 5, "point");
        Refused(() => new Action(() => other = 4)(), "other");
        Assert.AreEqual(0, counter + other + point.X - 1);

        static void Refused(Action action, string name)
        {
            CallSerializationException e = Assert.ThrowsExactly<CallSerializationException>(() => Codec.RoundTripFunction(action));
            Assert.Contains($"captured variable '{name}'", e.Message);
        }
    }

    [TestMethod]
    public void Function_ReadsThroughAddresses_IsNotRefused()
    {
        int number = 5;
        (int X, int Y) point = (1, 2);
        Guid id = Guid.NewGuid();
        Assert.AreEqual("5" + 1 + id, Codec.RoundTripFunction<Func<string>>(() => number.ToString(CultureInfo.InvariantCulture) + point.X + id.ToString())());
        Assert.AreEqual(5, Codec.RoundTripFunction<Func<int>>(() => ReadOnly(in number))());
        Assert.AreEqual(3, Codec.RoundTripFunction<Func<int>>(() =>
        {
            int own = 0;
            Action add = () => own += 3;
            add();
            return own;
        })());

        static int ReadOnly(in int x) => x;
    }

    [TestMethod]
    public void WhatIsNoFunctionOfAFile_IsRefused()
    {
        Func<int, int> many = Twice;
        many += Twice;
        StringAssert.Contains(Refusal(many), "several targets");

        StringAssert.Contains(Refusal(Expression.Lambda<Func<int>>(Expression.Constant(5)).Compile()), "generated at run time");

        var dynamic = new DynamicMethod("Dynamic", typeof(int), []);
        ILGenerator il = dynamic.GetILGenerator();
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Ret);
        StringAssert.Contains(Refusal(dynamic.CreateDelegate<Func<int>>()), "generated at run time");

        StringAssert.Contains(Refusal((Func<ValueTask<int>>)(() => ValueTask.FromResult(1))), "Task<TResult>");
        StringAssert.Contains(Refusal((Action)(async () => await Task.Yield())), "async void");

        static string Refusal(Delegate function) => Assert.ThrowsExactly<CallSerializationException>(() => FunctionPlan.For(function)).Message;
    }

    [TestMethod]
    public void Plan_IsOneForAllDelegatesOfALambda()
    {
        FunctionPlan[] plans = [.. Enumerable.Range(0, 3).Select(i => FunctionPlan.For((Func<int>)(() => i)))];

        Assert.AreSame(plans[0], plans[1]);
        Assert.AreSame(plans[0], plans[2]);
    }

    [TestMethod]
    public void Delegates_RebuiltInTurn_KeepTheirOwnTargets()
    {
        Func<int>[] functions = [.. Enumerable.Range(0, 100).Select(i => (Func<int>)(() => i))];

        Func<int>[] back = [.. functions.Select(function => Codec.RoundTripFunction(function))];

        CollectionAssert.AreEqual(Enumerable.Range(0, 100).ToArray(), back.Select(function => function()).ToArray());
    }

    private static int Twice(int x) => x * 2;

    private static T Identity<T>(T value) => value;

    private static Type NameOf<T>() => typeof(T);

    private static async Task<int> LaterAsync(int x)
    {
        await Task.Yield();
        return x + 1;
    }

    private abstract class Calculator
    {
        public abstract int Times(int x);
    }

    private sealed class Multiplier(int by) : Calculator
    {
        public override int Times(int x) => x * by;
    }

    private static class Box<T>
    {
        public static Func<(Type, Type)> Make<TOther>(T value) => () => (value is null ? typeof(void) : typeof(T), typeof(TOther));
    }
}
