namespace GilSharp.Ipc.Unix;

/// <summary>How a process ended, as the kernel tells it: by a code of its own or by a signal, never mixed up.</summary>
internal readonly record struct ExitStatus(int ExitCode, int Signal)
{
    /// <summary>Somebody else collected the status, or the process could not be waited for.</summary>
    internal static ExitStatus Unknown => new(-1, 0);

    internal static ExitStatus FromWaitStatus(int status) =>
        (status & 0x7F) == 0 ? new ExitStatus((status >> 8) & 0xFF, 0) : new ExitStatus(128 + (status & 0x7F), status & 0x7F);

    /// <summary>SIGKILL for 9, as in signal(7); null where no signal ended the process.</summary>
    internal string? SignalName => Signal switch
    {
        0 => null,
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        10 => "SIGUSR1",
        11 => "SIGSEGV",
        12 => "SIGUSR2",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => $"SIG{Signal}",
    };
}
