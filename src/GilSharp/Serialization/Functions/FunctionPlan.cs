using System.Buffers;
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>How one function travels: its identity, once for each worker, and its target, with each call that has one.</summary>
/// <remarks>
/// A function is (assembly, module version id, metadata token, generic arguments). Its target is nothing for static methods and for lambdas that capture
/// nothing; a closure, of which exactly the variables that the function uses travel; or an ordinary object.
/// </remarks>
internal sealed partial class FunctionPlan
{
    private static readonly PlansByKey ByPointer = new();

    private readonly MethodInfo _method;
    private readonly Type _delegateType;
    private readonly TargetKind _kind;
    private readonly ClosureShape? _closure;
    private readonly DelegateMaker _maker;
    private byte[]? _identity;
    private byte[]? _identityWithoutPaths;

    private FunctionPlan(MethodInfo method, Type delegateType, TargetKind kind, ClosureShape? closure)
    {
        _method = method;
        _delegateType = delegateType;
        _kind = kind;
        _closure = closure;
        _maker = new DelegateMaker(method, delegateType, kind);
    }

    /// <summary>What a delegate is closed over.</summary>
    internal enum TargetKind : byte
    {
        /// <summary>Nothing: a static method, or an instance method whose first argument is its target.</summary>
        None,

        /// <summary>An object without fields that the compiler made for lambdas that capture nothing.</summary>
        Blank,

        /// <summary>A closure made by the compiler.</summary>
        Closure,

        /// <summary>Any other object.</summary>
        Object,
    }

    /// <summary>Whether each call carries a target.</summary>
    public bool HasTarget => _kind is TargetKind.Closure or TargetKind.Object;

    public MethodInfo Method => _method;

    internal Type DelegateType => _delegateType;

    /// <summary>See <see cref="Reporters.TakenBy"/>; null for nearly all functions.</summary>
    internal Type?[]? Reporting { get; private init; }

    /// <exception cref="CallSerializationException">The function can't travel.</exception>
    public static FunctionPlan For(Delegate function)
    {
        ArgumentNullException.ThrowIfNull(function);
        bool hasKey = FunctionKey.TryCreate(function, out FunctionKey key);
        if (hasKey && ByPointer.Find(key) is { } known)
            return known;

        MethodInfo method = FunctionRules.MethodOf(function);
        Type? target = function.Target?.GetType();
        if (hasKey && method is { IsCollectible: false, DeclaringType.IsCollectible: false } && !function.GetType().IsCollectible && target is not { IsCollectible: true })
            return ByPointer.Add(key, Create(function));

        // Code of a collectible context may go, and its address may be used again: such plans go with their assembly.
        FunctionRules.EnsureMayTravel(method);
        return Collectible.ByAssembly.GetOrCreateValue(target is { IsCollectible: true } ? target.Assembly : method.Module.Assembly)
            .GetOrAdd((method, function.GetType(), target), static (_, function) => Create(function), function);
    }

    /// <summary>Writes what a worker needs to find the function; the same bytes each time.</summary>
    public void WriteIdentity(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_identity ??= FunctionIdentity.Write(_method, Reporters.DelegateTaking(Reporting, _delegateType), _kind, _closure, withPaths: true));
    }

    /// <summary>The identity as it stands inside a payload, where no file may be named.</summary>
    public byte[] IdentityInPayload => _identityWithoutPaths ??= FunctionIdentity.Write(_method, _delegateType, _kind, _closure, withPaths: false);

    /// <exception cref="CallSerializationException">The function is not here, or is of another build.</exception>
    public static FunctionPlan ReadIdentity(ReadOnlySpan<byte> data) => FunctionIdentity.Resolve(data, withPaths: true);

    public static FunctionPlan ReadIdentityInPayload(ReadOnlySpan<byte> data) => FunctionIdentity.Resolve(data, withPaths: false);

    /// <summary>Functions are looked at anew, since their code has changed.</summary>
    internal static void Forget()
    {
        ByPointer.Clear();
        Collectible.ByAssembly.Clear();
    }

    internal static FunctionPlan Of(MethodInfo method, Type delegateType, TargetKind kind, ClosureShape? closure) => new(method, delegateType, kind, closure);

    /// <summary>Writes the captured variables or the target object.</summary>
    /// <param name="writer">Where the bytes go.</param>
    /// <param name="function">The delegate that this plan is for.</param>
    /// <param name="serializer">Writes captured values and target objects by their declared types; closures themselves go through the field codec.</param>
    /// <exception cref="CallSerializationException">A captured variable can't travel; the path names it.</exception>
    public void WriteTarget(IBufferWriter<byte> writer, Delegate function, IPayloadSerializer serializer)
    {
        if (!HasTarget)
            return;

        var graph = new GraphWriter(writer, serializer is FieldCodec ? null : serializer);
        try
        {
            WriteTarget(ref graph, function);
            graph.Complete();
        }
        catch (TypeInitializationException e) when (e.InnerException is CallSerializationException inner)
        {
            throw inner;
        }
        catch (Exception e) when (e is not CallSerializationException)
        {
            throw new CallSerializationException($"What {FunctionRules.NameOf(_method)} captures could not be serialised: {e.Message}", e);
        }
        finally
        {
            graph.Release();
        }
    }

    /// <summary>Rebuilds the delegate from what <see cref="WriteTarget(IBufferWriter{byte}, Delegate, IPayloadSerializer)"/> wrote.</summary>
    /// <exception cref="CallSerializationException">The bytes are not what was written.</exception>
    public Delegate ReadDelegate(ReadOnlySpan<byte> target, IPayloadSerializer serializer)
    {
        if (!HasTarget)
            return _maker.Unbound;

        var graph = new GraphReader(target, serializer is FieldCodec ? null : serializer);
        try
        {
            Delegate function = ReadDelegate(ref graph);
            graph.Complete();
            return function;
        }
        catch (TypeInitializationException e) when (e.InnerException is CallSerializationException inner)
        {
            throw inner;
        }
        catch (Exception e) when (e is not CallSerializationException)
        {
            throw new CallSerializationException($"What {FunctionRules.NameOf(_method)} captures could not be read: {e.Message}", e);
        }
        finally
        {
            graph.Release();
        }
    }

    internal void WriteTarget(ref GraphWriter graph, Delegate function)
    {
        switch (_kind)
        {
            case TargetKind.Closure:
                _closure!.Write(ref graph, function.Target);
                break;
            case TargetKind.Object:
                try
                {
                    TargetObject.Write(ref graph, function.Target!);
                }
                catch (CallSerializationException e) when (e.From($"the target of {FunctionRules.NameOf(_method)}"))
                {
                    throw;
                }

                break;
        }
    }

    internal Delegate ReadDelegate(ref GraphReader graph) => _kind switch
    {
        TargetKind.Closure => _maker.Bind(_closure!.Read(ref graph)),
        TargetKind.Object => _maker.Bind(TargetObject.Read(ref graph)),
        _ => _maker.Unbound,
    };

    private static FunctionPlan Create(Delegate function)
    {
        MethodInfo method = FunctionRules.MethodOf(function);
        FunctionRules.EnsureMayTravel(method);
        (TargetKind kind, ClosureShape? closure) = TargetOf(function, method);
        return new FunctionPlan(method, function.GetType(), kind, closure) { Reporting = Reporters.TakenBy(method, function.GetType()) };
    }

    private static (TargetKind Kind, ClosureShape? Closure) TargetOf(Delegate function, MethodInfo method)
    {
        if (function.Target?.GetType() is not { } type)
            return (TargetKind.None, null);

        if (!ClosureShape.IsClosure(type))
            return (TargetKind.Object, null);

        return method.DeclaringType == type && Mirror.DeclaredFields(type).Length == 0 ? (TargetKind.Blank, null) : (TargetKind.Closure, ClosureShape.For(method, type));
    }

    // On its own: a worker would have to load and compile what makes it before its first call.
    private static class Collectible
    {
        internal static readonly ConditionalWeakTable<Assembly, ConcurrentDictionary<(MethodInfo Method, Type Delegate, Type? Target), FunctionPlan>> ByAssembly = [];
    }
}
