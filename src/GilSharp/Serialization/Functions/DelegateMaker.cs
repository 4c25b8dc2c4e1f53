using System.Reflection;
using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>Makes delegates of one method for one target after another.</summary>
/// <remarks>
/// CreateDelegate takes half a microsecond. A delegate made once can be copied and given another target of the same exact class: the address of the
/// code depends on nothing else. Where the field is not there, each is made anew.
/// </remarks>
internal sealed class DelegateMaker(MethodInfo method, Type delegateType, FunctionPlan.TargetKind kind)
{
    private static readonly bool CopyAvailable = Probe();

    private Delegate? _unbound;
    private StrongBox<(Type Target, Delegate Delegate)>? _copied;

    /// <summary>The delegate of a function without a target.</summary>
    public Delegate Unbound => _unbound ??= kind == FunctionPlan.TargetKind.Blank ? method.CreateDelegate(delegateType, Mirror.Blank(method.DeclaringType!)) : method.CreateDelegate(delegateType);

    public Delegate Bind(object? target)
    {
        if (target is null)
            throw CallSerializationException.Malformed($"the target of {FunctionRules.NameOf(method)} is missing");

        StrongBox<(Type Target, Delegate Delegate)>? template = _copied;
        if (template is not null && ReferenceEquals(template.Value.Target, target.GetType()))
        {
            Delegate copy = (Delegate)Copy(template.Value.Delegate);
            TargetOf(copy) = target;
            return copy;
        }

        Delegate made = method.CreateDelegate(delegateType, target);
        if (CopyAvailable && !method.IsStatic && !target.GetType().IsValueType)
            _copied = new((target.GetType(), Emptied(made)));

        return made;
    }

    /// <summary>A copy that keeps no target alive.</summary>
    private static Delegate Emptied(Delegate made)
    {
        var copy = (Delegate)Copy(made);
        TargetOf(copy) = null;
        return copy;
    }

    private static bool Probe()
    {
        try
        {
            Func<string> probe = "probe".ToString;
            return ReferenceEquals(TargetOf(probe), "probe") && Copy(probe) is Func<string>;
        }
        catch (MissingMemberException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_target")]
    private static extern ref object? TargetOf(Delegate function);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "MemberwiseClone")]
    private static extern object Copy(object function);
}
