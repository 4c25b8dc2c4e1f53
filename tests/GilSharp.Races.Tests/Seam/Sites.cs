namespace GilSharp.Races.Seam;

/// <summary>Every step of the explored code that others can see, numbered by the weaver.</summary>
internal static class Sites
{
    /// <summary>Method, operation, its number among the equal ones of the method, field, file and line; tab-separated.</summary>
    internal static string[] All { get; set; } = [];

    /// <summary>Which of them were reached.</summary>
    internal static bool[] Visited { get; set; } = [];

    internal static string Describe(int site)
    {
        if (site < 0 || site >= All.Length)
            return "the scenario";
        string[] parts = All[site].Split('\t');
        return parts[4].Length == 0 ? parts[0] : $"{parts[0]}, {parts[4]}";
    }

    internal static string Field(int site)
    {
        if (site < 0 || site >= All.Length)
            return "";
        string field = All[site].Split('\t')[3];
        return field.Length == 0 ? "" : " " + field;
    }
}
