namespace GilSharp.Samples.InlineUnitTest;

/// <summary>A service as a program has it: it takes the pool from outside, and does not know which kind it is.</summary>
/// <param name="pool">A <see cref="ProcessPool"/> in the program, an <see cref="InlinePool"/> in a test.</param>
internal sealed class Thumbnails(WorkerPool pool)
{
    /// <summary>Every second pixel of every image; those that can't be read are left out and counted.</summary>
    internal async Task<(List<byte[]> Small, int Failed)> MakeAsync(IEnumerable<byte[]> images)
    {
        List<byte[]> small = [];
        int failed = 0;
        await foreach (CallResult<byte[]> result in pool.MapResultsAsync(Shrink, images))
        {
            if (result.Succeeded) small.Add(result.Value);
            else failed++;
        }

        return (small, failed);
    }

    /// <summary>Can't work: a stream is bound to its process. The pool says so, whichever it is.</summary>
    internal Task<int> MeasureAsync(Stream image) => pool.ApplyAsync(stream => (int)stream.Length, image);

    private static byte[] Shrink(byte[] image)
    {
        if (image.Length == 0) throw new FormatException("An image without pixels.");
        byte[] half = new byte[image.Length / 2];
        for (int i = 0; i < half.Length; i++) half[i] = image[2 * i];
        return half;
    }
}
