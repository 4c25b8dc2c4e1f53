// Blurs a picture in worker processes: all see the same two arrays, and a call gets the number of a row, not a copy of the picture.
using GilSharp;

const int Width = 1024, Height = 768;
using SharedArray<float> picture = new(Width * Height);
using SharedArray<float> blurred = new(Width * Height);
for (int i = 0; i < picture.Length; i++) picture[i] = i % 251;

await using ProcessPool pool = new();
using (ReadOnlySharedArray<float> source = picture.AsReadOnly())
{
    // What a function captures is named once to each worker; the handles there end with the map.
    ReadOnlySharedArray<float> from = source;
    SharedArray<float> to = blurred;
    await pool.ForEachAsync(row => Row.Blur(from.Span, to.Span, row), Enumerable.Range(0, Height));
}

// A function can also make an array; whoever gets it disposes it.
using SharedArray<float> sums = await pool.ApplyAsync(static (SharedArray<float> image) => Row.Sums(image.Span), blurred);

float[] expected = new float[Width * Height];
for (int row = 0; row < Height; row++) Row.Blur(picture.Span, expected, row);
bool same = expected.AsSpan().SequenceEqual(blurred.Span);
Console.WriteLine($"{Height} rows blurred by {pool.Workers.Count} workers, {(same ? "as" : "not as")} in one process; the last row adds up to {sums[Height - 1]:F0}.");
return same && sums.Length == Height ? 0 : 1;

internal static class Row
{
    private const int Width = 1024;

    internal static void Blur(ReadOnlySpan<float> from, Span<float> to, int row)
    {
        int start = row * Width;
        for (int x = 0; x < Width; x++)
        {
            float left = from[start + Math.Max(0, x - 1)], right = from[start + Math.Min(Width - 1, x + 1)];
            to[start + x] = (left + from[start + x] + right) / 3;
        }
    }

    internal static SharedArray<float> Sums(ReadOnlySpan<float> image)
    {
        SharedArray<float> sums = new(image.Length / Width);
        for (int row = 0; row < sums.Length; row++)
            foreach (float value in image.Slice(row * Width, Width)) sums[row] += value;
        return sums;
    }
}
