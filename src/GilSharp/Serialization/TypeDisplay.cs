using System.Text;

namespace GilSharp.Serialization;

/// <summary>Names of types as people write them, for messages.</summary>
internal static class TypeDisplay
{
    public static string NameOf(Type type) => Append(new StringBuilder(), type, depth: 0).ToString();

    private static StringBuilder Append(StringBuilder text, Type type, int depth)
    {
        if (type.IsArray && depth < 8)
            return Append(text, type.GetElementType()!, depth + 1).Append('[').Append(',', type.GetArrayRank() - 1).Append(']');

        if (type.IsGenericType && depth < 8)
        {
            string name = type.Name;
            int tick = name.IndexOf('`', StringComparison.Ordinal);
            text.Append(tick < 0 ? name : name[..tick]).Append('<');
            Type[] arguments = type.GetGenericArguments();
            for (int i = 0; i < arguments.Length; i++)
                Append(i == 0 ? text : text.Append(", "), arguments[i], depth + 1);

            return text.Append('>');
        }

        return text.Append(type.IsGenericParameter ? type.Name : type.FullName is { } full && type.Namespace is not "System" and not "System.IO" and not "System.Threading" ? full : type.Name);
    }
}
