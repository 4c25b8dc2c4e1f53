using System.Collections;
using System.Globalization;
using System.Reflection;
using CsCheck;

namespace GilSharp.Tests.Serialization;

/// <summary>Random object graphs of many shapes arrive with the same structure: values, types, shared references and cycles.</summary>
[TestClass]
public sealed class GraphPropertyTests
{
    [TestMethod]
    [Timeout(600_000)]
    public void RandomGraphs_ArriveWithTheSameStructure()
    {
        Gen.Select(Gen.Int, Gen.Int[1, 60]).Sample(
            static (seed, size) =>
            {
                object graph = new Builder(seed).Build(size);
                object back = Codec.RoundTrip(graph);
                Assert.AreEqual(Outline.Of(graph), Outline.Of(back));
            },
            iter: 1_500 * TestEffort.Factor,
            threads: 1);
    }

    [TestMethod]
    public void Outline_TellsGraphsApart()
    {
        var shared = new List<object?> { 1 };
        Assert.AreNotEqual(Outline.Of(new object[] { shared, shared }), Outline.Of(new object[] { shared, new List<object?> { 1 } }));
        Assert.AreNotEqual(Outline.Of(1), Outline.Of(1L));
    }

    /// <summary>Builds a graph in which anything may refer to anything made before, and some things to what is made later.</summary>
    private sealed class Builder(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly List<object> _made = [];

        public object[] Build(int size)
        {
            for (int i = 0; i < size; i++)
                _made.Add(Make());

            foreach (object one in _made)
            {
                if (one is Node node && _random.Next(2) == 0)
                    node.Other = Any();
                else if (one is object?[] { Length: > 0 } array && array.GetType() == typeof(object[]) && _random.Next(3) == 0)
                    array[_random.Next(array.Length)] = Any();
                else if (one is List<object?> list && _random.Next(3) == 0)
                    list.Add(Any());
            }

            return _made.ToArray();
        }

        private object? Any() => _random.Next(8) == 0 ? null : _made.Count > 0 && _random.Next(3) != 0 ? _made[_random.Next(_made.Count)] : Value();

        // In a place of its own type, unlike all the others.
        private T? Made<T>() where T : class => _random.Next(2) == 0 ? _made.OfType<T>().LastOrDefault() : null;

        private object Make() => _random.Next(19) switch
        {
            0 => new Node { Name = Text(), Number = _random.Next(), Couple = Made<Pair>(), Like = Made<SpecialNode>(), Waiting = Made<Queue<object?>>(), Other = Any() },
            1 => new SpecialNode { Name = Text(), Other = Any(), Extra = (Text(), _random.NextDouble()) },
            2 => new Pair(Any(), Any()),
            3 => Enumerable.Range(0, _random.Next(5)).Select(_ => Any()).ToArray(),
            4 => Enumerable.Range(0, _random.Next(5)).Select(_ => Any()).ToList(),
            5 => Enumerable.Range(0, _random.Next(5)).ToDictionary(i => Text() + i, _ => Any()),
            6 => Enumerable.Range(0, _random.Next(5)).Select(_ => _random.Next()).ToHashSet(),
            7 => new int[_random.Next(3), _random.Next(3)],
            8 => new Queue<object?>([Any(), Any()]),
            9 => Tuple.Create(Any(), Text(), _random.Next()),
            10 => new Slot<object?> { Value = Any() },
            11 => new double[_random.Next(100)],
            12 => new Marked(Any()) { Any(), Any() },
            13 => new Registry(StringComparer.OrdinalIgnoreCase) { [Text() + "k"] = Any() },
            14 => Array.CreateInstance(typeof(string), [2, _random.Next(3)], [_random.Next(-3, 3), 1]),
            15 => Failure(),
            16 => new HashSet<string>([Text(), Text() + "2"], _random.Next(2) == 0 ? StringComparer.Ordinal : StringComparer.InvariantCultureIgnoreCase),
            17 => new SortedDictionary<object, object?>(Comparer<object>.Create(static (x, y) => (int)x - (int)y)) { [1] = Any(), [0] = Text() },
            _ => new Stack<string?>([Text(), null]),
        };

        private InvalidOperationException Failure()
        {
            InvalidOperationException failure = new(Text(), _random.Next(2) == 0 ? new FormatException(Text()) : null) { HelpLink = Text() };
            failure.Data["key"] = _random.Next();
            failure.Data[_random.Next()] = Text();
            return failure;
        }

        private object Value() => _random.Next(9) switch
        {
            0 => _random.Next(),
            1 => _random.NextInt64(),
            2 => _random.NextDouble(),
            3 => Text(),
            4 => (Text(), _random.Next()),
            5 => new DateTime(_random.NextInt64(DateTime.MaxValue.Ticks), DateTimeKind.Utc),
            6 => (decimal)_random.NextDouble(),
            7 => new StructWithReference { Text = Text(), Number = 3 },
            _ => DayOfWeek.Friday,
        };

        private string Text() => string.Create(_random.Next(6), _random, static (span, random) =>
        {
            for (int i = 0; i < span.Length; i++)
                span[i] = (char)(random.Next(4) == 0 ? random.Next(0x10000) : 'a' + random.Next(26));
        });
    }

    /// <summary>A graph as text: each object numbered at its first place, later places give the number.</summary>
    private static class Outline
    {
        public static string Of(object graph)
        {
            var numbers = new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
            var text = new System.Text.StringBuilder();
            Append(graph);
            return text.ToString();

            void Append(object? value)
            {
                if (value is null)
                {
                    text.Append("null ");
                    return;
                }

                Type type = value.GetType();
                if (type.IsPrimitive || type.IsEnum || value is string or decimal or DateTime)
                {
                    text.Append(type.Name).Append(':').Append(Convert.ToString(value, CultureInfo.InvariantCulture)).Append(' ');
                    return;
                }

                if (!type.IsValueType)
                {
                    if (numbers.TryGetValue(value, out int number))
                    {
                        text.Append('#').Append(number).Append(' ');
                        return;
                    }

                    numbers.Add(value, numbers.Count);
                }

                text.Append(type).Append('(');
                if (value is Array array)
                {
                    for (int i = 0; i < array.Rank; i++)
                        text.Append(array.GetLowerBound(i)).Append('+').Append(array.GetLength(i)).Append(',');
                }

                if (value is Exception exception)
                {
                    // Its other fields are the runtime's: the stack, a watson bucket.
                    text.Append(exception.HResult).Append(' ');
                    foreach (object? part in (object?[])[exception.Message, exception.HelpLink, exception.InnerException, exception.StackTrace, exception.Data.Keys, exception.Data.Values])
                    {
                        if (part is ICollection parts)
                            Append(parts.Cast<object?>().ToArray());
                        else
                            Append(part);
                    }

                    text.Append(')');
                    return;
                }

                if (type.GetProperty("Comparer")?.GetValue(value) is { } comparer)
                    text.Append(comparer.GetType()).Append(comparer is StringComparer strings && strings.Equals("a", "A")).Append(' ');

                if (value is IEnumerable items)
                {
                    foreach (object? item in items)
                        Append(item);
                }

                if (value is not IEnumerable || type.Assembly == typeof(GraphPropertyTests).Assembly)
                {
                    // Of a class derived from a collection its own fields alone: those below are how the collection holds its items.
                    for (Type? level = type; level is not null && (value is not IEnumerable || level.Assembly == type.Assembly); level = level.BaseType)
                    {
                        foreach (FieldInfo field in level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).OrderBy(field => field.MetadataToken))
                            Append(field.GetValue(value));
                    }
                }

                text.Append(')');
            }
        }
    }

    private class Node
    {
        public string? Name { get; init; }

        public int Number { get; init; }

        public Pair? Couple { get; init; }

        public SpecialNode? Like { get; init; }

        public Queue<object?>? Waiting { get; init; }

        public object? Other { get; set; }
    }

    private sealed class SpecialNode : Node
    {
        public (string, double) Extra { get; init; }
    }

    private sealed class Marked(object? mark) : List<object?>
    {
        public object? Mark => mark;
    }

    private sealed class Registry(IEqualityComparer<string> comparer) : Dictionary<string, object?>(comparer)
    {
        public string Kind { get; } = "registry";
    }

    private sealed record Pair(object? Left, object? Right);

    private sealed class Slot<T>
    {
        public T? Value;
    }

    private struct StructWithReference
    {
        public string Text;
        public int Number;
    }
}
