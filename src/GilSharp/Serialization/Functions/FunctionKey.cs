using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>A function by the address of its code: the same for all delegates of one lambda, and a hundred nanoseconds faster than Delegate.Method.</summary>
/// <remarks>
/// The addresses are fields of Delegate that nothing promises. Where they are not there (NativeAOT) the method itself is the key. Code may be
/// shared between generic instantiations and between delegate types, so both types belong to the key.
/// </remarks>
internal readonly struct FunctionKey(nint code, nint auxiliary, Type delegateType, Type? targetType)
{
    private readonly nint _code = code;
    private readonly nint _auxiliary = auxiliary;
    private readonly Type _delegateType = delegateType;
    private readonly Type? _targetType = targetType;

    private static readonly bool Available = Probe();

    // Addresses of code are multiples of eight or more; of a static method's delegate the first is that of a common stub.
    public int Hash
    {
        get
        {
            ulong mixed = (ulong)(_code ^ (_auxiliary * 31)) * 0x9E37_79B9_7F4A_7C15;
            return (int)(mixed >> 40);
        }
    }

    public bool IsSameAs(in FunctionKey other) =>
        _code == other._code && _auxiliary == other._auxiliary && ReferenceEquals(_delegateType, other._delegateType) && ReferenceEquals(_targetType, other._targetType);

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
