using System.Collections.ObjectModel;
using System.Reflection;

namespace GilSharp.Serialization;

/// <summary>What a class that derives from a collection of the platform adds to it: the fields of its own levels. The contents are the collection's affair.</summary>
/// <remarks>
/// The constructors of such a class do not run, as of no other class. That of the collection below it does: its buckets are made anew, never copied. Contents are
/// read and added by the collection's own members, whatever the class hides or implements anew.
/// </remarks>
internal sealed class OwnFields
{
    private readonly Type _type;
    private readonly ConstructorInfo _constructor;
    private readonly FieldPlan _plan;

    private OwnFields(Type type, Type collection, Type[] constructor)
    {
        _type = type;
        _constructor = Mirror.ConstructorOf(collection, constructor) ?? throw CallSerializationException.Refused(type, "ahead-of-time compilation kept no constructor of its base class.");
        _plan = new FieldPlan(type, () => FieldPlan.SlotsOf(type, below: collection));
    }

    /// <summary>Null where the object is the collection itself.</summary>
    public static OwnFields? Of(Type type, Type collection, params Type[] constructor) => type == collection ? null : new OwnFields(type, collection, constructor);

    /// <summary>The collection of the platform that a class of the program derives from and that has to be rebuilt; null if there is none.</summary>
    public static Type? CollectionBelow(Type type)
    {
        for (Type? level = type.BaseType; level is not null; level = level.BaseType)
        {
            if (level.IsGenericType && IsRebuilt(level.GetGenericTypeDefinition()))
                return level;
        }

        return null;
    }

    /// <summary>Whether a class of the program may derive from it: collections that are rebuilt, and those that consist of a list or a dictionary in a field.</summary>
    public static bool MayBeBase(Type definition) =>
        IsRebuilt(definition) || definition == typeof(Collection<>) || definition == typeof(ReadOnlyCollection<>) || definition == typeof(KeyedCollection<,>);

    /// <summary>An object of the derived class that is an empty collection.</summary>
    public object Blank(params object?[] arguments)
    {
        object shell = Mirror.Blank(_type);
        _constructor.Invoke(shell, arguments);
        return shell;
    }

    public void Write(ref GraphWriter writer, object value) => _plan.Write(ref writer, value);

    public void Read(ref GraphReader reader, object shell) => _plan.Read(ref reader, shell);

    private static bool IsRebuilt(Type definition) => definition == typeof(List<>) || definition == typeof(Dictionary<,>) || definition == typeof(HashSet<>);
}
