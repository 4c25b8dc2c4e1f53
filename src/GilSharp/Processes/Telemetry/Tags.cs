using GilSharp.Processes.Engine;

namespace GilSharp.Processes.Telemetry;

/// <summary>The names of attributes, as docs/concepts/observability.md lists them.</summary>
internal static class Tags
{
    internal const string Pool = "gilsharp.pool.name";
    internal const string CallName = "gilsharp.call.name";
    internal const string CallId = "gilsharp.call.id";
    internal const string CallKind = "gilsharp.call.kind";
    internal const string Attempt = "gilsharp.call.attempt";
    internal const string WorkerId = "gilsharp.worker.id";
    internal const string WorkerState = "gilsharp.worker.state";
    internal const string Items = "gilsharp.chunk.items";

    // OpenTelemetry's own.
    internal const string ErrorType = "error.type";
    internal const string Function = "code.function.name";
    internal const string Direction = "network.io.direction";
    internal const string ProcessId = "process.pid";

    /// <summary>The name of an exception's type: there are few, however many errors there are.</summary>
    internal static string ErrorTypeOf(Exception error) => error is RemoteException { TypeName: { } type } ? type : error.GetType().FullName ?? error.GetType().Name;
}

/// <summary>What spans are called: the function, never an argument, so that there are few names.</summary>
internal static class SpanNames
{
    internal static string Of(FunctionEntry function, string? callName)
    {
        if (callName is not null) return callName;
        Type? type = function.Plan.Method.DeclaringType;
        while (type is { DeclaringType: { } outer } && type.Name.StartsWith('<')) type = outer; // the compiler's own class around a lambda
        return type is null ? MethodName(function) : $"{type.Name}.{MethodName(function)}";
    }

    internal static string Full(FunctionEntry function) =>
        function.Plan.Method.DeclaringType?.FullName is { } type ? $"{type}.{function.Plan.Method.Name}" : function.Plan.Method.Name;

    // <Main>b__0_1 is a lambda in Main, <Main>g__Parse|0_0 the local function Parse.
    private static string MethodName(FunctionEntry function)
    {
        string name = function.Plan.Method.Name;
        int end = name.IndexOf('>', StringComparison.Ordinal);
        if (!name.StartsWith('<') || end < 0) return name;
        string outer = name[1..end].TrimEnd('$');
        if (!name[(end + 1)..].StartsWith("g__", StringComparison.Ordinal)) return outer.Length == 0 ? "lambda" : $"{outer}.lambda";
        string local = name[(end + 4)..];
        int bar = local.IndexOf('|', StringComparison.Ordinal);
        return bar < 0 ? local : local[..bar];
    }
}
