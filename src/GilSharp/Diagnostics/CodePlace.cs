using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace GilSharp.Diagnostics;

/// <summary>A place in the user's code, kept as raw frames until somebody wants to read it.</summary>
internal sealed class CodePlace
{
    private readonly StackTrace _stack;

    private CodePlace(StackTrace stack) => _stack = stack;

    /// <summary>The place that called into this library. Source lines are looked up at level Full only: that reads symbol files.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static CodePlace Here() =>
        new(new StackTrace(skipFrames: 1, fNeedFileInfo: RefCountDiagnostics.LeakDetection == LeakDetectionLevel.Full));

    /// <summary>The stack from the first frame outside this library on.</summary>
    public override string ToString()
    {
        string? ours = typeof(CodePlace).Assembly.FullName;
        StackFrame[] frames = [.. _stack.GetFrames().SkipWhile(frame => DiagnosticMethodInfo.Create(frame)?.DeclaringAssemblyName == ours)];
        return new StackTrace(frames).ToString().TrimEnd();
    }
}
