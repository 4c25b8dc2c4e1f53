using System.Globalization;

namespace GilSharp.Samples.Closures;

/// <summary>An ordinary class: no attribute, no setter, no constructor without parameters.</summary>
internal sealed class PriceList(string currency, Dictionary<string, decimal> prices)
{
    public string Of(string article) => Text(prices[article]);

    public Task<string> TotalInWorkerAsync(WorkerPool pool, string[] articles) =>
        pool.ApplyAsync(() => Text(articles.Sum(article => prices[article])));

    private string Text(decimal price) => string.Create(CultureInfo.InvariantCulture, $"{price:0.00} {currency}");
}
