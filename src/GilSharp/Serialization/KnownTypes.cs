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

    // What functions are passed as, without their arguments. Nearly every function's identity names one.
    private static readonly Type[] Delegates =
    [
        typeof(Func<>), typeof(Func<,>), typeof(Func<,,>), typeof(Func<,,,>), typeof(Func<,,,,>), typeof(Func<,,,,,>),
        typeof(Action), typeof(Action<>), typeof(Action<,>), typeof(Action<,,>), typeof(Action<,,,>), typeof(Action<,,,,>),
    ];

    public static uint Count => (uint)Types.Length;

    /// <summary>From one; zero for a type that has no number.</summary>
    public static uint NumberOf(Type type) => (uint)(Array.IndexOf(Types, type) + 1);

    public static Type Numbered(uint number) => Types[number - 1];

    /// <summary>From one; zero for a type that isn't among them.</summary>
    public static uint NumberOfDelegate(Type type) => (uint)(Array.IndexOf(Delegates, type) + 1);

    /// <summary>Null if there is none.</summary>
    public static Type? DelegateNumbered(uint number) => number - 1 < Delegates.Length ? Delegates[number - 1] : null;
}
