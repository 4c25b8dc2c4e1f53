using System.Diagnostics;

namespace GilSharp.Diagnostics;

/// <summary>Whether somebody looks at this process with a debugger. Tests pretend.</summary>
internal static class DebuggerPresence
{
    private static volatile bool s_pretended;

    internal static bool IsAttached => Debugger.IsAttached || s_pretended;

    internal static void Pretend(bool attached) => s_pretended = attached;
}
