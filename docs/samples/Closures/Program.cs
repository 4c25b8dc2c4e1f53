// What a lambda captures goes with it: values, objects, a whole chain of them. What it must not take along, it does not take.
using GilSharp;
using GilSharp.Samples.Closures;

await using ProcessPool pool = new(2);

// Local variables of any kind, each as it is at the moment of the call.
int factor = 3;
List<string> names = ["Ada", "Grace", "Edsger"];
int letters = await pool.ApplyAsync(x => names.Sum(name => name.Length) * factor + x, 1);
Expect(letters == 43, $"captured variables: {letters}");

// A closure in a closure: the inner lambda's variables go along.
Func<int, int> addFactor = x => x + factor;
Func<int, int> twice = x => addFactor(addFactor(x));
int nested = await pool.ApplyAsync(twice, 10);
Expect(nested == 16, $"a closure that captures another: {nested}");

// "this": a method of an object, or a lambda that uses one, takes the object along, by its fields.
PriceList prices = new("EUR", new() { ["tea"] = 2.40m, ["cake"] = 3.10m });
string price = await pool.ApplyAsync(prices.Of, "tea");
string total = await prices.TotalInWorkerAsync(pool, ["tea", "cake"]);
Expect(price == "2.40 EUR" && total == "5.50 EUR", $"this: {price}, {total}");

// A local function and a generic one, async and with a token.
int sum = await pool.ApplyAsync(SumLaterAsync, new[] { 1, 2, 3 });
string largest = await pool.ApplyAsync(Largest<string>, new[] { "b", "c", "a" });
Expect(sum == 6 && largest == "c", $"local functions: {sum}, {largest}");

// Exactly what the lambda uses travels. The stream beside it shares its scope, and stays here.
using MemoryStream stream = new(new byte[8]);
long length = stream.Length;
long used = await pool.ApplyAsync(() => length * 2);
Expect(used == 16 && stream.CanRead, $"the variable beside it stays here: {used}");

// What can't travel is refused here, before anything is sent, by its name.
try
{
#pragma warning disable GIL008 // the analyzer says so while the program is written
    await pool.ApplyAsync(() => stream.ReadByte());
#pragma warning restore GIL008
    Expect(false, "a stream travelled");
}
catch (CallSerializationException refused)
{
    Expect(refused.Path == "captured variable 'stream'", refused.Message);
}

// The worker has copies: what a function changes in one is not changed here. Return what you want to keep.
List<string> more = await pool.ApplyAsync(() =>
{
    names.Add("Barbara");
    return names;
});
Expect(names.Count == 3 && more.Count == 4, $"a copy was changed: {names.Count} here, {more.Count} there");
return 0;

static async Task<int> SumLaterAsync(int[] numbers, CancellationToken cancellationToken)
{
    await Task.Delay(1, cancellationToken);
    return numbers.Sum();
}

static T Largest<T>(T[] values) => values.Max()!;

static void Expect(bool isSo, string what)
{
    Console.WriteLine(what);
    if (!isSo) Environment.Exit(1);
}
