using System.Buffers.Binary;
using System.Globalization;
using GilSharp.Ipc;
using GilSharp.Serialization;
using Microsoft.Extensions.Logging.Abstractions;

namespace GilSharp.Processes.Worker;

/// <summary>What a pool tells a new worker before its first call.</summary>
internal sealed class WorkerSettings
{
    internal static readonly WorkerSettings None = new();

    internal int WorkerId { get; private init; }

    /// <summary>Variables that were changed for this process only, with the values that programs started by user code shall see.</summary>
    internal IReadOnlyList<(string Name, string? Value)> EnvironmentToRestore { get; private init; } = [];

    internal WorkerCulture Culture { get; private init; } = WorkerCulture.Current;

    internal PayloadCodec Codec { get; private init; }

    /// <summary>Somebody listens to what is logged here.</summary>
    internal bool ForwardsLog { get; private init; }

    /// <summary>The pool set a limit to this process's memory: a call that meets it ends the process.</summary>
    internal bool HasMemoryLimit { get; private init; }

    internal Action? Initializer { get; private init; }

    internal Action? Exiting { get; private init; }

    internal static void Write(
        FrameBuffer buffer, int workerId, WorkerCulture culture, IReadOnlyList<(string Name, string? Value)> environmentToRestore, ProcessPoolOptions options)
    {
        buffer.Write(workerId);
        WireText.Write(buffer, culture.Culture.Name);
        WireText.Write(buffer, culture.UICulture.Name);
        buffer.Write(environmentToRestore.Count);
        foreach ((string name, string? value) in environmentToRestore)
        {
            WireText.Write(buffer, name);
            WireText.Write(buffer, value);
        }

        buffer.Write(options.LoggerFactory is NullLoggerFactory ? 0 : 1);
        buffer.Write(options.WorkerMemoryLimit is null ? 0 : 1);
        IPayloadSerializer? custom = options.CustomSerializer;
        int serializer = buffer.ReserveLength();
        if (custom is not null) WriteSerializer(buffer, custom);
        buffer.FillLength(serializer);
        WriteAction(buffer, options.Initializer);
        WriteAction(buffer, options.WorkerExiting);
    }

    internal static WorkerSettings Read(ReadOnlyMemory<byte> payload)
    {
        ReadOnlySpan<byte> rest = payload.Span;
        int workerId = BinaryPrimitives.ReadInt32LittleEndian(rest);
        rest = rest[sizeof(int)..];
        CultureInfo culture = CultureInfo.GetCultureInfo(WireText.Read(ref rest)!);
        CultureInfo uiCulture = CultureInfo.GetCultureInfo(WireText.Read(ref rest)!);
        (string, string?)[] environment = new (string, string?)[BinaryPrimitives.ReadInt32LittleEndian(rest)];
        rest = rest[sizeof(int)..];
        for (int i = 0; i < environment.Length; i++) environment[i] = (WireText.Read(ref rest)!, WireText.Read(ref rest));
        bool forwardsLog = BinaryPrimitives.ReadInt32LittleEndian(rest) != 0;
        rest = rest[sizeof(int)..];
        bool hasMemoryLimit = BinaryPrimitives.ReadInt32LittleEndian(rest) != 0;
        rest = rest[sizeof(int)..];
        ReadOnlySpan<byte> serializer = TakeSection(ref rest);
        return new WorkerSettings
        {
            WorkerId = workerId,
            Culture = new WorkerCulture(culture, uiCulture),
            EnvironmentToRestore = environment,
            ForwardsLog = forwardsLog,
            HasMemoryLimit = hasMemoryLimit,
            Codec = new PayloadCodec(serializer.Length == 0 ? null : (IPayloadSerializer)FieldCodec.Default.Deserialize<object>(serializer)),
            Initializer = ReadAction(ref rest),
            Exiting = ReadAction(ref rest),
        };
    }

    /// <summary>Makes this process what the settings say.</summary>
    internal void Apply()
    {
        foreach ((string name, string? value) in EnvironmentToRestore) Environment.SetEnvironmentVariable(name, value);
        WorkerContext.BecomeWorker(WorkerId);
        CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = Culture.Culture;
        CultureInfo.CurrentUICulture = CultureInfo.DefaultThreadCurrentUICulture = Culture.UICulture;
    }

    private static void WriteSerializer(FrameBuffer buffer, IPayloadSerializer serializer)
    {
        try
        {
            FieldCodec.Default.Serialize<object>(buffer, serializer);
        }
        catch (CallSerializationException e) when (e.From("the serializer"))
        {
            throw;
        }
    }

    private static void WriteAction(FrameBuffer buffer, Action? action)
    {
        FunctionPlan? plan = action is null ? null : FunctionPlan.For(action);
        int identity = buffer.ReserveLength();
        plan?.WriteIdentity(buffer);
        buffer.FillLength(identity);
        int target = buffer.ReserveLength();
        if (plan is { HasTarget: true }) plan.WriteTarget(buffer, action!, FieldCodec.Default);
        buffer.FillLength(target);
    }

    private static Action? ReadAction(ref ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> identity = TakeSection(ref rest);
        ReadOnlySpan<byte> target = TakeSection(ref rest);
        return identity.Length == 0 ? null : (Action)FunctionPlan.ReadIdentity(identity).ReadDelegate(target, FieldCodec.Default);
    }

    private static ReadOnlySpan<byte> TakeSection(ref ReadOnlySpan<byte> rest)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
        ReadOnlySpan<byte> section = rest.Slice(sizeof(int), length);
        rest = rest[(sizeof(int) + length)..];
        return section;
    }
}
