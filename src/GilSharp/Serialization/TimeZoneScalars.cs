using System.Runtime.Serialization;

namespace GilSharp.Serialization;

/// <summary>Time zones: the process's own ones as such, those of the system by their names, others by their rules.</summary>
/// <remarks>
/// <code>
/// 0 UTC   1 the local one: its name   2 one of the system: its name   3 any other: its rules
/// </code>
/// The platform knows UTC and the local zone by reference: an equal copy converts times to another kind. What it writes of a zone's rules leaves
/// something out (dotnet/runtime#19794), so they travel only where they come back the same.
/// </remarks>
internal static class TimeZoneScalars
{
    private const byte Utc = 0, Local = 1, OfTheSystem = 2, ByRules = 3;

    public static void Write(ref GraphWriter writer, TimeZoneInfo value)
    {
        if (ReferenceEquals(value, TimeZoneInfo.Utc))
        {
            writer.WriteByte(Utc);
        }
        else if (TimeZoneInfo.TryFindSystemTimeZoneById(value.Id, out TimeZoneInfo? found) && found.Equals(value))
        {
            writer.WriteByte(ReferenceEquals(value, TimeZoneInfo.Local) ? Local : OfTheSystem);
            writer.WriteString(value.Id);
        }
        else
        {
            writer.WriteByte(ByRules);
            writer.WriteString(RulesOf(value));
        }
    }

    public static TimeZoneInfo Read(ref GraphReader reader)
    {
        byte kind = reader.ReadByte();
        switch (kind)
        {
            case Utc:
                return TimeZoneInfo.Utc;
            case Local or OfTheSystem:
                string id = reader.ReadText();
                if (kind == Local && TimeZoneInfo.Local.Id == id)
                    return TimeZoneInfo.Local;

                return TimeZoneInfo.TryFindSystemTimeZoneById(id, out TimeZoneInfo? found)
                    ? found
                    : throw CallSerializationException.Malformed($"there is no time zone '{id}' here");
            case ByRules:
                return TimeZoneInfo.FromSerializedString(reader.ReadText());
            default:
                throw CallSerializationException.Malformed($"a time zone of kind {kind}");
        }
    }

    private static string RulesOf(TimeZoneInfo zone)
    {
        string rules = zone.ToSerializedString();
        try
        {
            if (TimeZoneInfo.FromSerializedString(rules).Equals(zone))
                return rules;
        }
        catch (Exception exception) when (exception is SerializationException or ArgumentException or InvalidTimeZoneException)
        {
            // Refused as one that comes back different.
        }

        throw CallSerializationException.Refused(typeof(TimeZoneInfo), $"the rules of '{zone.Id}' would change on the way. Send its name, and let the function find it.");
    }
}
