using System.Globalization;
using System.Reflection;

namespace GilSharp.Tests.Serialization;

/// <summary>A culture travels by its name; one whose formats are not those of the name is refused, whichever was changed.</summary>
[TestClass]
public sealed class CultureTests
{
    public static IEnumerable<object[]> NumberProperties => Settable(typeof(NumberFormatInfo));

    public static IEnumerable<object[]> DateProperties => Settable(typeof(DateTimeFormatInfo));

    [TestMethod]
    [DataRow("cs-CZ")]
    [DataRow("")]
    [DataRow("th-TH")]
    [DataRow("de-DE_phoneb")]
    public void Culture_ArrivesAsItIs(string name)
    {
        foreach (CultureInfo culture in (CultureInfo[])[CultureInfo.GetCultureInfo(name), new CultureInfo(name, useUserOverride: false), new CultureInfo(name), CultureInfo.ReadOnly(new CultureInfo(name))])
        {
            CultureInfo back = Codec.RoundTrip(culture);

            Assert.AreEqual(culture, back);
            Assert.AreEqual((culture.IsReadOnly, culture.UseUserOverride, culture.CompareInfo.Name), (back.IsReadOnly, back.UseUserOverride, back.CompareInfo.Name));
            Assert.AreEqual(new DateTime(2026, 3, 4).ToString("D", culture), new DateTime(2026, 3, 4).ToString("D", back));
        }
    }

    [TestMethod]
    [DynamicData(nameof(NumberProperties))]
    public void ChangedNumberFormat_IsRefused(string property)
    {
        CultureInfo culture = new("cs-CZ", useUserOverride: false);
        Change(culture.NumberFormat, property);

        Refused(culture);
    }

    [TestMethod]
    [DynamicData(nameof(DateProperties))]
    public void ChangedDateFormat_IsRefused(string property)
    {
        CultureInfo culture = new("cs-CZ", useUserOverride: false);
        Change(culture.DateTimeFormat, property);

        Refused(culture);
    }

    [TestMethod]
    public void FurtherChanges_AreRefused()
    {
        CultureInfo patterns = new("cs-CZ", useUserOverride: false);
        patterns.DateTimeFormat.SetAllDateTimePatterns(["yyyy-MM-dd", "dd"], 'd');
        Refused(patterns);
        CultureInfo separator = new("cs-CZ", useUserOverride: false);
        separator.TextInfo.ListSeparator = "|";
        Refused(separator);
        CultureInfo calendar = new("th-TH", useUserOverride: false);
        calendar.DateTimeFormat.Calendar = new GregorianCalendar();
        Refused(calendar);
    }

    private static IEnumerable<object[]> Settable(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite && property.Name != "Calendar").Select(property => new object[] { property.Name });

    private static void Change(object format, string name)
    {
        PropertyInfo property = format.GetType().GetProperty(name)!;
        property.SetValue(format, property.GetValue(format) switch
        {
            string text => text + "~",
            int number => number == 1 ? 2 : 1,
            int[] sizes => (int[])[.. sizes, 2],
            string[] { Length: 10 } => CultureInfo.GetCultureInfo("fa-IR").NumberFormat.NativeDigits is ["۰", ..] persian ? persian : ["٠", "١", "٢", "٣", "٤", "٥", "٦", "٧", "٨", "٩"],
            string[] names => (string[])["~" + names[0], .. names[1..]],
            DayOfWeek day => day == DayOfWeek.Friday ? DayOfWeek.Monday : DayOfWeek.Friday,
            DigitShapes shapes => shapes == DigitShapes.Context ? DigitShapes.None : DigitShapes.Context,
            CalendarWeekRule rule => rule == CalendarWeekRule.FirstDay ? CalendarWeekRule.FirstFullWeek : CalendarWeekRule.FirstDay,
            object other => throw new AssertFailedException($"{name} is a {other.GetType()}: say how it can be changed"),
            null => "~",
        });
    }

    private static void Refused(CultureInfo culture)
    {
        Assert.Contains("formats were changed", Codec.Refusal(culture).Message);
        Assert.Contains("formats were changed", Codec.Refusal(CultureInfo.ReadOnly(culture)).Message);
    }
}
