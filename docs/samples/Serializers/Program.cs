using GilSharp;
using Serializers;

// The same call four times: with the default serializer, and with three others in its place.
var order = new Order("Ada", [1.5m, 2.25m]);
decimal discount = 0.5m;
IPayloadSerializer?[] serializers = [null, new MemoryPackPayloads(), new MessagePackPayloads(), new JsonPayloads()];
foreach (IPayloadSerializer? serializer in serializers)
{
    var options = new ProcessPoolOptions { Workers = 1 };
    if (serializer is not null)
        options.Serializer = serializer;

    await using var pool = new ProcessPool(options);
    Order discounted = await pool.ApplyAsync(o => o with { Prices = [.. o.Prices.Select(price => price - discount)] }, order);
    Console.WriteLine($"{serializer?.GetType().Name ?? "default"}: {discounted.Customer} pays {discounted.Prices.Sum()}");
    if (discounted.Customer != "Ada" || discounted.Prices.Sum() != 2.75m)
        return 1;
}

return 0;
