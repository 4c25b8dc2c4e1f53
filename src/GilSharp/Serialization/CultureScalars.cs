using System.Globalization;

namespace GilSharp.Serialization;

/// <summary>A culture is its name, whether the user's own settings apply, and whether it may be changed. One whose formats were changed is refused.</summary>
/// <remarks>The name is that of <see cref="CultureInfo.ToString"/>, which tells of a sort order of its own ("de-DE_phoneb").</remarks>
internal static class CultureScalars
{
    private const byte UserOverride = 1, ReadOnly = 2;

    public static void Write(ref GraphWriter writer, CultureInfo culture)
    {
        string name = culture.ToString();
        if (!ReferenceEquals(culture, CultureInfo.GetCultureInfo(name)) && !IsAsNamed(culture, new CultureInfo(name, culture.UseUserOverride)))
            throw CallSerializationException.Refused(typeof(CultureInfo), "its formats were changed after it was made, and a culture travels by its name. Make the change inside the function, or in ProcessPoolOptions.Initializer.");

        writer.WriteString(name);
        writer.WriteByte((byte)((culture.UseUserOverride ? UserOverride : 0) | (culture.IsReadOnly ? ReadOnly : 0)));
    }

    public static CultureInfo Read(ref GraphReader reader)
    {
        string name = reader.ReadText();
        byte settings = reader.ReadByte();
        bool userOverride = (settings & UserOverride) != 0;
        if ((settings & ReadOnly) == 0)
            return new CultureInfo(name, userOverride);

        return userOverride ? CultureInfo.ReadOnly(new CultureInfo(name, useUserOverride: true)) : CultureInfo.GetCultureInfo(name);
    }

    private static bool IsAsNamed(CultureInfo culture, CultureInfo named) =>
        culture.CompareInfo.Name == named.CompareInfo.Name
        && culture.TextInfo.ListSeparator == named.TextInfo.ListSeparator
        && IsAsNamed(culture.NumberFormat, named.NumberFormat)
        && IsAsNamed(culture.DateTimeFormat, named.DateTimeFormat);

    private static bool IsAsNamed(NumberFormatInfo format, NumberFormatInfo named) =>
        Texts(format).SequenceEqual(Texts(named)) && Numbers(format).SequenceEqual(Numbers(named));

    private static bool IsAsNamed(DateTimeFormatInfo format, DateTimeFormatInfo named) =>
        format.Calendar.GetType() == named.Calendar.GetType()
        && format.Calendar.TwoDigitYearMax == named.Calendar.TwoDigitYearMax
        && (format.Calendar as GregorianCalendar)?.CalendarType == (named.Calendar as GregorianCalendar)?.CalendarType
        && format.CalendarWeekRule == named.CalendarWeekRule
        && format.FirstDayOfWeek == named.FirstDayOfWeek
        && Texts(format).SequenceEqual(Texts(named));

    private static string[] Texts(NumberFormatInfo format) =>
    [
        format.CurrencyDecimalSeparator, format.CurrencyGroupSeparator, format.CurrencySymbol, format.NaNSymbol, format.NegativeInfinitySymbol, format.NegativeSign,
        format.NumberDecimalSeparator, format.NumberGroupSeparator, format.PercentDecimalSeparator, format.PercentGroupSeparator, format.PercentSymbol,
        format.PerMilleSymbol, format.PositiveInfinitySymbol, format.PositiveSign, .. format.NativeDigits,
    ];

    // A length before each array: what moves from one into the next is a change too.
    private static int[] Numbers(NumberFormatInfo format) =>
    [
        format.CurrencyDecimalDigits, format.CurrencyNegativePattern, format.CurrencyPositivePattern, (int)format.DigitSubstitution, format.NumberDecimalDigits,
        format.NumberNegativePattern, format.PercentDecimalDigits, format.PercentNegativePattern, format.PercentPositivePattern,
        format.CurrencyGroupSizes.Length, .. format.CurrencyGroupSizes, format.NumberGroupSizes.Length, .. format.NumberGroupSizes, .. format.PercentGroupSizes,
    ];

    // The arrays have fixed lengths; of the patterns the last are all that the standard formats choose from.
    private static string[] Texts(DateTimeFormatInfo format) =>
    [
        format.AMDesignator, format.PMDesignator, format.DateSeparator, format.TimeSeparator, format.FullDateTimePattern, format.LongDatePattern, format.LongTimePattern,
        format.MonthDayPattern, format.ShortDatePattern, format.ShortTimePattern, format.YearMonthPattern, .. format.DayNames, .. format.AbbreviatedDayNames,
        .. format.ShortestDayNames, .. format.MonthNames, .. format.MonthGenitiveNames, .. format.AbbreviatedMonthNames, .. format.AbbreviatedMonthGenitiveNames,
        .. format.GetAllDateTimePatterns(),
    ];
}
