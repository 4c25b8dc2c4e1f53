using System.Diagnostics;
using System.Globalization;

namespace GilSharp.Tests;

/// <summary>Bytes that nobody wrote, and what reading them may cost. Every input comes from a seed, which a failure prints with the bytes.</summary>
internal static class Fuzzing
{
    /// <summary>What reading one input may allocate besides 256 bytes for each of its own: the first use of a type makes plans and converters.</summary>
    private const long AllocationLimit = 2_000_000;

    /// <summary>An input of a few hundred bytes takes microseconds; compiling at the first use of a type, tens of milliseconds.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    private static readonly long First =
        long.TryParse(Environment.GetEnvironmentVariable("GILSHARP_TEST_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out long seed) ? seed : 1;

    /// <summary>Reads <paramref name="count"/> inputs. Reading ends with a value or with an exception of type <typeparamref name="TError"/>, soon, and without a large allocation.</summary>
    /// <returns>How many of them gave a value.</returns>
    internal static int Run<TError>(string name, int count, Func<Random, byte[]> make, Action<byte[]> read) where TError : Exception
    {
        int values = 0;
        long current = First;
        byte[] bytes = [];
        long started = Stopwatch.GetTimestamp();
        // What hangs can't be stopped; it can be named before the test's own deadline ends everything. Elapsed time alone may be the machine's.
        using Timer watch = new(
            _ =>
            {
                if (Stopwatch.GetElapsedTime(Volatile.Read(ref started)) > TimeLimit) Console.Error.WriteLine($"fuzzing {Describe(name, current, bytes)} goes on for more than {TimeLimit}");
            },
            null, TimeLimit, TimeLimit);
        for (long seed = First; seed < First + count; seed++)
        {
            current = seed;
            bytes = make(new Random(unchecked((int)seed * 7919)));
            Volatile.Write(ref started, Stopwatch.GetTimestamp());
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(bytes);
                values++;
            }
            catch (TError)
            {
            }
            catch (Exception other)
            {
                throw new AssertFailedException($"{Describe(name, seed, bytes)}: {other.GetType()}: {other.Message}", other);
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (allocated > AllocationLimit + (256L * bytes.Length))
                throw new AssertFailedException($"{Describe(name, seed, bytes)}: {allocated} bytes were allocated");
            if (Stopwatch.GetElapsedTime(started) > TimeLimit)
                throw new AssertFailedException($"{Describe(name, seed, bytes)}: took {Stopwatch.GetElapsedTime(started)}");
        }

        return values;
    }

    /// <summary>A copy with one to four changes: a byte, a bit, some bytes less, more, twice or from <paramref name="other"/>, a boundary value.</summary>
    internal static byte[] Mutate(byte[] original, byte[] other, Random random)
    {
        List<byte> bytes = [.. original];
        for (int changes = random.Next(1, 5); changes > 0 && bytes.Count > 0; changes--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(9))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at)); break;
                case 3: bytes.InsertRange(at, Enumerable.Range(0, random.Next(1, 9)).Select(_ => (byte)random.Next(256))); break;
                case 4: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 20), bytes.Count - at))); break;
                case 5: bytes[at] = random.Next(2) == 0 ? (byte)0xFF : (byte)0x7F; break;
                case 6: bytes.RemoveRange(at, bytes.Count - at); break;
                case 7:
                    int from = random.Next(other.Length);
                    bytes.InsertRange(at, other.AsSpan(from, Math.Min(random.Next(1, 40), other.Length - from)).ToArray());
                    break;
                default: bytes[at] = (byte)random.Next(8); break; // a token, a kind, a count
            }
        }

        return [.. bytes];
    }

    /// <summary>Random bytes; most of them small, since small numbers are tokens, kinds and counts and lead further in.</summary>
    internal static byte[] Noise(Random random, int most)
    {
        byte[] bytes = new byte[random.Next(1, most)];
        random.NextBytes(bytes);
        for (int i = 0; i < bytes.Length; i++)
            if (random.Next(3) != 0) bytes[i] &= 0x0F;
        return bytes;
    }

    private static string Describe(string name, long seed, byte[] bytes) =>
        $"{name}, GILSHARP_TEST_SEED={seed}, bytes {Convert.ToHexString(bytes)}";
}
