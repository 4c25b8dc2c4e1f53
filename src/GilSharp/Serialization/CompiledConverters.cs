using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>
/// Mentions the converters of the ordinary captured variables and array elements. A NativeAOT program has native code only for the generic types that
/// some code makes, and converters are found by reflection; those of reference types share one code. What is not mentioned here is refused there.
/// </summary>
internal static class CompiledConverters
{
    private static bool s_mentioned;

    /// <summary>Costs nothing where code is compiled at run time: the branch is not there.</summary>
    public static void Mention()
    {
        if (RuntimeFeature.IsDynamicCodeSupported || s_mentioned)
            return;

        s_mentioned = true;
        Of<bool>();
        Of<byte>();
        Of<sbyte>();
        Of<char>();
        Of<short>();
        Of<ushort>();
        Of<int>();
        Of<uint>();
        Of<long>();
        Of<ulong>();
        Of<float>();
        Of<double>();
        Of<decimal>();
        Of<Guid>();
        Of<DateTime>();
        Of<DateTimeOffset>();
        Of<TimeSpan>();
        Use(new ReferenceConverter<object>(), new ClosureConverter<object>(), new ForeignConverter<object>(), new ArrayBody<object>());
    }

    private static void Of<T>() where T : unmanaged =>
        Use(new BlitConverter<T>(), new ForeignConverter<T>(), new NullableConverter<T>(), new ForeignConverter<T?>(), new RawArrayBody<T>(), new RawArrayCodec<T[], T>());

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Use(params ReadOnlySpan<object> mentioned) => GC.KeepAlive(mentioned[0]);
}
