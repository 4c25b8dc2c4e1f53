namespace GilSharp.Races.Weaving;

/// <summary>Fields that threads read plainly while others write them, on purpose: a read of one may be stale.</summary>
/// <remarks>Every other field that is neither read-only nor used by an interlocked or volatile operation must be free of races.</remarks>
internal static class RacyFields
{
    internal static readonly Dictionary<string, string> Reasons = new()
    {
        ["GilSharp.GlobalInterpreterLock::_holder"] =
            "may name the last holder: every reader compares its number with the owner in the word, and a token's number never changes",
        ["GilSharp.GlobalInterpreterLock::_depth"] =
            "a thread that does not hold the lock may read another's depth in Exit: the compare-and-swap of the word decides afterwards",
        ["GilSharp.GlobalInterpreterLock::_openScope"] =
            "written by the holder only; CloseScope reads it after it has seen its own number in the word",
        ["GilSharp.RefCounting.ControlBlock`1::_value"] =
            "Value reads it and then looks whether its handle has been disposed meanwhile: then what it read is thrown away",
        ["GilSharp.Processes.Engine.WorkerConnection::<InFlight>k__BackingField"] =
            "written inside the gate; who leads and who reads look at it outside, after a full fence where it decides who reads the answer",
        ["GilSharp.Processes.Engine.PoolEngine::_closed"] =
            "written inside the gate; read once more after a gate was left, only to spare a look: a closing that came before that gate is seen, and one that comes after it looks itself",
    };
}
