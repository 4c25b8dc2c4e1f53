using System.Text;

namespace GilSharp.Ipc.Windows;

/// <summary>What CreateProcess takes where posix_spawn takes arrays: one command line, and one block for the environment.</summary>
internal static class WindowsCommandLine
{
    /// <summary>Program and arguments so that CommandLineToArgvW, and every C runtime, takes them apart again.</summary>
    internal static string Of(string program, IEnumerable<string> arguments)
    {
        StringBuilder line = new();
        // The first is read by another rule: a quote ends it, and backslashes mean themselves. No path holds a quote.
        line.Append('"').Append(program).Append('"');
        foreach (string argument in arguments) Append(line.Append(' '), argument);
        return line.ToString();
    }

    /// <summary>NAME=value, each ended by a zero and all by another, in the order of their names without regard to case, as Windows wants them.</summary>
    /// <exception cref="IOException">A variable holds a zero.</exception>
    internal static string EnvironmentBlock(IEnumerable<string> variables)
    {
        StringBuilder block = new();
        foreach (string variable in variables.OrderBy(NameOf, StringComparer.OrdinalIgnoreCase))
        {
            if (variable.Contains('\0')) throw new IOException($"The environment variable {NameOf(variable)} holds a zero character, which no process can be given.");
            block.Append(variable).Append('\0');
        }

        if (block.Length == 0) block.Append('\0'); // an empty block too ends with two
        return block.Append('\0').ToString();
    }

    // Backslashes mean themselves, except before a quote; so those at the end, before our closing quote, are doubled.
    private static void Append(StringBuilder line, string argument)
    {
        if (argument.Length > 0 && !argument.AsSpan().ContainsAny(" \t\n\v\""))
        {
            line.Append(argument);
            return;
        }

        line.Append('"');
        int backslashes = 0;
        foreach (char character in argument)
        {
            if (character == '\\')
            {
                backslashes++;
                continue;
            }

            line.Append('\\', character == '"' ? (2 * backslashes) + 1 : backslashes).Append(character);
            backslashes = 0;
        }

        line.Append('\\', 2 * backslashes).Append('"');
    }

    // Names of drives' current folders begin with the sign themselves: "=C:=C:\work".
    private static string NameOf(string variable) => variable.IndexOf('=', Math.Min(1, variable.Length)) is > 0 and int at ? variable[..at] : variable;
}
