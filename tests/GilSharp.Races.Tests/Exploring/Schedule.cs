using System.Globalization;

namespace GilSharp.Races.Exploring;

/// <summary>The choices of one execution, as a string that repeats it: <c>2/1:0*17.1.0*3</c> is "within 2 preemptions and 1 stale read: 17 times the first possibility, the second, …".</summary>
internal sealed record Schedule(Bounds Bounds, IReadOnlyList<int> Choices)
{
    public override string ToString()
    {
        List<string> runs = [];
        for (int i = 0; i < Choices.Count;)
        {
            int length = 1;
            while (i + length < Choices.Count && Choices[i + length] == Choices[i])
                length++;
            runs.Add(length == 1 ? $"{Choices[i]}" : $"{Choices[i]}*{length}");
            i += length;
        }

        string bounds = Bounds == Bounds.None ? "-" : $"{Bounds.Preemptions}/{Bounds.StaleReads}";
        return $"{bounds}:{string.Join('.', runs)}";
    }

    internal static Schedule Parse(string text)
    {
        string[] parts = text.Split(':');
        Bounds bounds = Bounds.None;
        if (parts[0] != "-")
        {
            string[] numbers = parts[0].Split('/');
            bounds = new Bounds(Number(numbers[0]), Number(numbers[1]));
        }

        List<int> choices = [];
        foreach (string run in parts[1].Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = run.Split('*');
            for (int i = pair.Length == 1 ? 1 : Number(pair[1]); i > 0; i--)
                choices.Add(Number(pair[0]));
        }

        return new Schedule(bounds, choices);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
