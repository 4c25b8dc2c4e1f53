using System.Collections.Specialized;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GilSharp.Serialization;

namespace GilSharp.Tests.Serialization;

/// <summary>A function that assigns a captured variable is refused, however the compiler writes it; one that only reads is not.</summary>
[TestClass]
public sealed class CapturedAssignmentTests
{
    private static readonly int[] Items = [1, 2, 3];

    private delegate int Reader(in int value);

    [TestMethod]
    public void Assignment_BehindAnyCode_IsRefused()
    {
        long total = 0;
        int[] data = [1, 2, 3];
        bool flag = true;
        Refused(() => Interlocked.Add(ref total, data[1]), nameof(total));
        Refused(() => Interlocked.Add(ref total, data.Length), nameof(total));
        Refused(() => Interlocked.Add(ref total, flag ? 1 : 2), nameof(total));
        Refused(() => Interlocked.Add(ref total, data[0] == 1 && flag ? 1 : 2), nameof(total));
        Refused(() => Interlocked.Add(ref total, checked((int)data.LongLength)), nameof(total));
        Refused(() => Interlocked.Add(ref total, data[0] switch { 0 => 1, 1 => 5, 2 => 7, 3 => 9, _ => 11 }), nameof(total));
        Refused(() => Interlocked.Add(ref total, (int)(object)data[0]), nameof(total));
        Refused(() => Interlocked.Add(ref total, new[] { 1, 2 }.Length + new List<int> { 3 }[0]), nameof(total));
        Refused(() => Interlocked.Add(ref total, Unsafe.SizeOf<Pair>() + ((Func<int>)(static () => 1))()), nameof(total));
        Assert.AreEqual(0, total);
    }

    [TestMethod]
    public void Assignment_ThroughAReference_IsRefused()
    {
        int total = 0, other = 0;
        bool flag = true;
        var pair = new Pair();
        var row = new Row();
        var bits = new BitVector32(0);
        Refused(() =>
        {
            ref int reference = ref total;
            reference += 1;
        }, nameof(total));
        Refused(() =>
        {
            ref int reference = ref pair.First;
            foreach (int item in Items)
                reference += item;
        }, nameof(pair));
        Refused(() => (flag ? ref total : ref other) = 1, nameof(total), nameof(other));
        Refused(() => Same(ref total) = 1, nameof(total));
        Refused(() => Unsafe.AsRef(in total) = 1, nameof(total));
        Refused(() => row[1] = 2, nameof(row));
        Refused(() => pair.Property = 2, nameof(pair));
        Refused(() => bits[1] = true, nameof(bits));
        Refused(() => pair = new Pair { First = 1 }, nameof(pair));
        Refused(() => pair = default, nameof(pair));
        Refused(() => { (total, other) = (1, 2); }, nameof(total), nameof(other));
        Refused(() => MemoryMarshal.CreateSpan(ref total, 1)[0] = 1, nameof(total));
        Refused(() => new Changer(ref total).Change(), nameof(total));
        Assert.AreEqual(0, total + other + pair.First + pair.Property + row[1] + bits.Data);
    }

    [TestMethod]
    public void Reading_ThroughAddresses_IsNotRefused()
    {
        int number = 5;
        long total = 7;
        int? maybe = 3;
        bool flag = true;
        int[] data = [1, 2, 3];
        var pair = new Pair { First = 1, Second = 2 };
        var row = new Row();
        row[1] = 4;
        var segment = new ArraySegment<int>(data, 0, 2);
        var wrapper = new Wrapper { Items = [1, 2] };
        DateTime day = new(2020, 1, 2, 0, 0, 0, DateTimeKind.Utc);

        Same(() => pair.Sum());
        Same(() => pair.Sum(data[0], data.Length));
        Same(() => pair.Sum(flag ? 1 : 2, data[0] > 1 || flag ? 3 : 4));
        Same(() => pair.First.CompareTo(data[1]) + pair.ToString()!.Length);
        Same(() => pair is { First: 1, Second: 2 } ? 1 : 0);
        Same(() => pair.Equals(new Pair { First = 1, Second = data[1] }) ? 1 : 0);
        Same(() => Read(in number) + Read(in pair.Second));
        Same(() => Read(in flag ? ref number : ref pair.Second));
        Same(() => Pass(in number) + ((Reader)(static (in value) => value))(in number) + ReadLate(in number, flag ? data[0] : 2));
        Same(() =>
        {
            ref readonly int reference = ref number;
            int sum = 0;
            foreach (int item in Items)
                sum += reference * item;

            return sum;
        });
        Same(() => (int)Volatile.Read(ref total) + (int)Interlocked.Read(ref total));
        Same(() => MemoryMarshal.CreateReadOnlySpan(in number, 1)[0] + new ReadOnlySpan<int>(in number)[0]);
        Same(() => row[1] + row[0]);
        Same(() => segment[1] = 2);
        Same(() => wrapper[1] = 3);
        Same(() => maybe?.CompareTo(4) ?? 9);
        Same(() => (maybe ?? 4) + maybe.GetValueOrDefault() + (maybe.HasValue ? maybe.Value : 0));
        Same(() => day.AddDays(data[0]).Day + (int)day.DayOfWeek);
        Same(() => $"{number:D3}{pair}{day:yyyy}{maybe}".Length);
        Same(() => Generic(pair) + Generic("abc"));
        Same(() => day switch { { Year: 2020, Month: 1 } => 1, { Year: 2021 } => 2, _ => 3 });

        static void Same(Func<int> function) => Assert.AreEqual(function(), Codec.RoundTripFunction(function)());

        static int Generic<T>(T value)
        {
            Func<int> function = () => value?.ToString()?.Length ?? 0;
            return function();
        }
    }

    [TestMethod]
    public void GenericVariable_CalledThroughItsAddress_IsNotRefused()
    {
        Same("abc");
        Same(12);

        static void Same<T>(T value)
        {
            Func<int> function = () => value!.ToString()!.Length + (value?.GetHashCode() == 5 ? 1 : 0);
            Assert.AreEqual(function(), Codec.RoundTripFunction(function)());
        }
    }

    private static void Refused(Action action, params string[] names)
    {
        CallSerializationException e = Assert.ThrowsExactly<CallSerializationException>(() => FunctionPlan.For(action));
        Assert.Contains("assigns the captured variable", e.Message);
        Assert.IsTrue(names.Any(name => e.Message.Contains($"'{name}'", StringComparison.Ordinal)), e.Message);
    }

    private static ref int Same(ref int value) => ref value;

    private static int Read(in int value) => value;

    private static int ReadLate(in int value, int other) => value + other;

    private static ref readonly int Pass(in int value) => ref value;

    private struct Pair
    {
        public int First;
        public int Second;

        public int Property { get; set; }

        public int Sum(int more = 0, int evenMore = 0) => First + Second + more + evenMore;
    }

    private struct Wrapper
    {
        public int[] Items;

        public int this[int index]
        {
            set => Items[index] = value;
        }
    }

    [InlineArray(4)]
    private struct Row
    {
        public int First;
    }

    private readonly ref struct Changer(ref int value)
    {
        private readonly ref int _value = ref value;

        public void Change() => _value = 5;
    }
}
