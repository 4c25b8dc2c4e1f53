// Unit tests of a service that takes a WorkerPool: with InlinePool they start no process and run in the test's own, and a breakpoint in the function is
// hit; yet everything goes through the serializer, so what would fail in a worker fails here. In a test project each of these is a [TestMethod].
using GilSharp;
using GilSharp.Samples.InlineUnitTest;

int failures = 0;
await Test("good images are halved, bad ones are counted", async () =>
{
    using InlinePool pool = new();
    (List<byte[]> small, int failed) = await new Thumbnails(pool).MakeAsync([[1, 2, 3, 4], [], [5, 6]]);
    Expect(small.Count == 2 && small[0].SequenceEqual(new byte[] { 1, 3 }) && small[1].SequenceEqual(new byte[] { 5 }));
    Expect(failed == 1);
});

await Test("an argument that can't travel is found without a worker", async () =>
{
    using InlinePool pool = new();
    using MemoryStream stream = new();
    try
    {
        await new Thumbnails(pool).MeasureAsync(stream);
        Expect(false);
    }
    catch (CallSerializationException exception)
    {
        Console.WriteLine($"    {exception.Message}");
    }
});

await Test("the service does the same in processes", async () =>
{
    await using ProcessPool pool = new(1);
    (List<byte[]> small, int failed) = await new Thumbnails(pool).MakeAsync([[1, 2, 3, 4], [], [5, 6]]);
    Expect(small.Count == 2 && failed == 1);
});

Console.WriteLine(failures == 0 ? "All right." : $"{failures} failed.");
return failures;

async Task Test(string promise, Func<Task> test)
{
    try
    {
        await test();
        Console.WriteLine($"passed  {promise}");
    }
    catch (Exception exception)
    {
        failures++;
        Console.WriteLine($"FAILED  {promise}: {exception}");
    }
}

static void Expect(bool condition)
{
    if (!condition) throw new InvalidOperationException("It is not so.");
}
