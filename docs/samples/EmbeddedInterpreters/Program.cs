using EmbeddedInterpreters;

const int Threads = 8;
const int Calls = 500;

var javaScript = new JavaScript();
await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(async () =>
{
    for (int i = 0; i < Calls; i++)
    {
        javaScript.Count();
        await javaScript.CountAsync();
    }
})));
Console.WriteLine($"JavaScript counted to {javaScript.Counter}, expected {Threads * Calls * 2}.");

using var lua = new LuaState();
const string Sum = "local sum = 0; for i = 1, 300000 do sum = sum + i end; return sum";
long[] sums = await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(() => lua.Evaluate(Sum))));
Console.WriteLine($"Lua added up to {string.Join(", ", sums.Distinct())}, expected {300000L * 300001 / 2}; {lua.ForcedSwitches} forced switches.");

return javaScript.Counter == Threads * Calls * 2 && sums.All(sum => sum == 300000L * 300001 / 2) ? 0 : 1;
