namespace GilSharp.Analyzers.Startup;

/// <summary>A type, or the methods of one name in it, whose names and fields a worker needs.</summary>
internal readonly struct KeptMember : IEquatable<KeptMember>, IComparable<KeptMember>
{
    public KeptMember(string type, string assembly, string? method)
    {
        Type = type;
        Assembly = assembly;
        Method = method;
    }

    /// <summary>The name as documentation comments write it, without the prefix: <c>Namespace.Outer.Inner`1</c>.</summary>
    public string Type { get; }

    public string Assembly { get; }

    /// <summary>Null for the whole type with all that is nested in it, as the classes of its lambdas are.</summary>
    public string? Method { get; }

    public bool Equals(KeptMember other) => CompareTo(other) == 0;

    public override bool Equals(object? obj) => obj is KeptMember other && Equals(other);

    public override int GetHashCode() => Type.GetHashCode() ^ (Method?.GetHashCode() ?? 0);

    public int CompareTo(KeptMember other)
    {
        int order = string.CompareOrdinal(Assembly, other.Assembly);
        if (order == 0)
            order = string.CompareOrdinal(Type, other.Type);
        return order == 0 ? string.CompareOrdinal(Method, other.Method) : order;
    }
}
