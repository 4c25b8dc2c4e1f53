using System.Diagnostics;
using GilSharp.Processes.Inline;

namespace GilSharp;

/// <summary>Runs calls in this process, one at a time, but through the serializer all the same: for tests and debugging.</summary>
/// <remarks>
/// Apply, ApplyAsync and Map run on the thread that makes the call; MapAsync, ForEachAsync and streams on one of the thread pool. A call that is made inside
/// another one runs within it.
/// Functions, arguments, results and exceptions travel as they would to a worker, so what can't travel fails here too, and a breakpoint in the function
/// is hit in this process. There is no process to kill: cancellation and timeouts signal the call's token and the call then ends as with a
/// <see cref="ProcessPool"/>, but one that does not listen runs to its end. Statics are shared with the program, and
/// <see cref="WorkerContext.IsWorker"/> is false.
/// </remarks>
/// <example>
/// <code>
/// using InlinePool pool = new();
/// int length = pool.Apply(text => text.Length, "hello");
/// </code>
/// </example>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed class InlinePool : WorkerPool
{
    /// <summary>Makes a pool.</summary>
    public InlinePool() : this(new ProcessPoolOptions())
    {
    }

    /// <summary>Makes a pool as a <see cref="ProcessPool"/> with these options would be, as far as they mean something without processes.</summary>
    /// <param name="options">Its name, initializer, exit hook, call defaults, serializer and logger factory are used; all are checked.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">A value is out of its range; the message names the property and the value.</exception>
    public InlinePool(ProcessPoolOptions options) : base(EngineFor(options))
    {
    }

    private string DebuggerDisplay => $"{Engine.Options.Name}: inline";

    private static InlineEngine EngineFor(ProcessPoolOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new InlineEngine(options.CopyChecked());
    }
}
