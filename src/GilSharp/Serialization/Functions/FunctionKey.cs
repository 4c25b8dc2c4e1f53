using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>A function by the address of its code: the same for all delegates of one lambda, and a hundred nanoseconds faster than Delegate.Method.</summary>
/// <remarks>
/// The addresses are fields of Delegate that nothing promises. Where they are not there (NativeAOT) the method itself is the key. Code may be
/// shared between generic instantiations and between delegate types, so both types belong to the key.
/// </remarks>
internal readonly record struct FunctionKey(nint Code, nint Auxiliary, Type DelegateType, Type? TargetType)
{
    private static readonly bool Available = Probe();

    public static bool TryCreate(Delegate function, out FunctionKey key)
    {
        if (!Available)
        {
            key = default;
            return false;
        }

        key = new FunctionKey(MethodPointer(function), AuxiliaryPointer(function), function.GetType(), function.HasSingleTarget ? function.Target?.GetType() : typeof(MulticastDelegate));
        return true;
    }

    private static bool Probe()
    {
        try
        {
            Action probe = Nothing;
            _ = MethodPointer(probe) + AuxiliaryPointer(probe);
            return true;
        }
        catch (MissingFieldException)
        {
            return false;
        }

        static void Nothing()
        {
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_methodPtr")]
    private static extern ref nint MethodPointer(Delegate function);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_methodPtrAux")]
    private static extern ref nint AuxiliaryPointer(Delegate function);
}
