namespace GilSharp.Ipc;

/// <summary>What to start: a program, its arguments, its environment as NAME=value, and where.</summary>
internal sealed record CommandLine(string Program, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment, string? WorkingDirectory);
