using GilSharp;
using KeraLua;

namespace EmbeddedInterpreters;

/// <summary>
/// One native Lua 5.4 state for many threads: each thread has a Lua thread of its own in it, and the debug hook, which Lua calls every
/// thousand instructions, is the checkpoint. So a script that computes for long shares the interpreter as a Python thread does.
/// </summary>
public sealed class LuaState : IDisposable
{
    private const int InstructionsBetweenCheckpoints = 1000;

    private readonly GlobalInterpreterLock _gil = new(new() { Name = "lua", SwitchInterval = TimeSpan.FromMilliseconds(1) });
    private readonly Lua _lua = new();

    // Kept in a field: Lua holds a pointer to it.
    private readonly LuaHookFunction _hook;

    /// <summary>Opens the state.</summary>
    public LuaState() => _hook = (_, _) => _gil.Checkpoint();

    /// <summary>How often a script was made to give way to another.</summary>
    public long ForcedSwitches => _gil.GetStatistics().ForcedSwitches;

    /// <summary>Runs a script in a Lua thread of its own and returns its integer result.</summary>
    public long Evaluate(string script)
    {
        using (_gil.EnterScope())
        {
            // The new thread lies on the main stack, which keeps it from Lua's collector. Whoever else is in a script uses a
            // stack of his own; the main stack is only touched between two checkpoints.
            Lua thread = _lua.NewThread();
            int anchor = _lua.Ref(LuaRegistry.Index);
            thread.SetHook(_hook, LuaHookMask.Count, InstructionsBetweenCheckpoints);
            try
            {
                if (thread.LoadString(script) != LuaStatus.OK || thread.PCall(0, 1, 0) != LuaStatus.OK)
                    throw new InvalidOperationException(thread.ToString(-1));
                return thread.ToInteger(-1);
            }
            finally
            {
                _lua.Unref(LuaRegistry.Index, anchor);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using (_gil.EnterScope())
            _lua.Dispose();
        _gil.Dispose();
    }
}
