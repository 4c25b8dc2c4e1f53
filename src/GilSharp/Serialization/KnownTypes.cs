namespace GilSharp.Serialization;

/// <summary>Types that are named by one byte.</summary>
internal static class KnownTypes
{
    // The order is the wire format. Both sides are the same build of this library.
    private static readonly Type[] Types =
    [
        typeof(object), typeof(string), typeof(bool), typeof(char), typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint),
        typeof(long), typeof(ulong), typeof(float), typeof(double), typeof(decimal), typeof(DateTime), typeof(TimeSpan), typeof(Guid),
        typeof(byte[]), typeof(int[]), typeof(double[]), typeof(string[]), typeof(object[]),
        typeof(List<int>), typeof(List<string>), typeof(List<object>), typeof(Dictionary<string, object>), typeof(Dictionary<string, string>),
    ];

    public static uint Count => (uint)Types.Length;

    /// <summary>From one; zero for a type that has no number.</summary>
    public static uint NumberOf(Type type) => (uint)(Array.IndexOf(Types, type) + 1);

    public static Type Numbered(uint number) => Types[number - 1];
}
