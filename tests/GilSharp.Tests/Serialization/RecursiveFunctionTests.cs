namespace GilSharp.Tests.Serialization;

/// <summary>A function that calls the method around it: what that one captures is captured anew, and is not what travels.</summary>
[TestClass]
public sealed class RecursiveFunctionTests
{
    private static readonly Func<Func<int>, int> Run = static function => Codec.RoundTripFunction(function)();

    [TestMethod]
    public void LocalFunction_ThatSendsALambdaWhichCallsIt_IsNotRefused()
    {
        Assert.AreEqual(5, Work(5));

        static int Work(int n) => n == 0 ? 0 : Run(() => Work(n - 1) + 1);
    }

    [TestMethod]
    public void LocalFunction_ThatChangesItsOwnVariables_IsNotRefused()
    {
        int step = 2;
        Assert.AreEqual(8, Work(4));

        int Work(int n)
        {
            if (n == 0)
                return 0;

            int done = 0;
            Add();
            n--;
            using var stream = new MemoryStream([1]); // in the same scope, and nothing of what is called needs it from here
            Func<long> length = () => stream.Length;
            Assert.AreEqual(1, length());
            return done + Send(n);

            void Add() => done += step;
        }

        int Send(int n) => Run(() => Work(n));
    }

    [TestMethod]
    public async Task AsyncLocalFunction_ThatSendsALambdaWhichCallsIt_IsNotRefused()
    {
        Assert.AreEqual(3, await Work(3));

        static async Task<int> Work(int n)
        {
            await Task.Yield();
            return n == 0 ? 0 : await Codec.RoundTripFunction<Func<Task<int>>>(async () => await Work(n - 1) + 1)();
        }
    }

    [TestMethod]
    public void LocalFunctions_ThatSendEachOther_AreNotRefused()
    {
        Assert.IsTrue(IsEven(4));

        static bool IsEven(int n) => n == 0 || Run(() => IsOdd(n - 1) ? 1 : 0) == 1;
        static bool IsOdd(int n) => n != 0 && Run(() => IsEven(n - 1) ? 1 : 0) == 1;
    }

    [TestMethod]
    public void Lambda_ThatAssignsAndCallsTheMethodAround_IsStillRefused()
    {
        CallSerializationException e = Assert.ThrowsExactly<CallSerializationException>(() => Work(1));
        Assert.Contains("captured variable 'n'", e.Message);

        e = Assert.ThrowsExactly<CallSerializationException>(() => Outer(1));
        Assert.Contains("captured variable 'total'", e.Message);

        static int Work(int n) => n == 0 ? 0 : Run(() => Work(--n));

        static int Outer(int n)
        {
            int total = 0;
            return Inner(n);

            int Inner(int m) => m == 0 ? total++ : Run(() => Inner(m - 1));
        }
    }
}
