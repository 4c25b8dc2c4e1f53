namespace GilSharp;

/// <summary>How a call is run. What is null is taken from the pool's <see cref="ProcessPoolOptions.CallDefaults"/>.</summary>
public sealed record CallOptions
{
    /// <summary>How long a call may run, from the moment a worker starts it; <see cref="Timeout.InfiniteTimeSpan"/> for ever. By default for ever.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How often a call that may have run is run again after its worker died. By default 0.</summary>
    public int? Retries { get; init; }

    /// <summary>Which of the waiting calls are started first: the larger number. By default 0.</summary>
    public int? Priority { get; init; }

    /// <summary>A name for logs, traces and <see cref="WorkerContext.CallName"/>. By default none.</summary>
    public string? Name { get; init; }

    internal CallOptions Over(CallOptions defaults) => new()
    {
        Timeout = Timeout ?? defaults.Timeout,
        Retries = Retries ?? defaults.Retries,
        Priority = Priority ?? defaults.Priority,
        Name = Name ?? defaults.Name,
    };

    /// <summary>Null if they ask for nothing that an ordinary call doesn't get.</summary>
    internal CallOptions? OrNull() =>
        Timeout is { } timeout && timeout != System.Threading.Timeout.InfiniteTimeSpan || Retries is > 0 || Priority is not (null or 0) || Name is not null ? this : null;

    internal void Validate()
    {
        if (Timeout is { } timeout && timeout <= TimeSpan.Zero && timeout != System.Threading.Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(Timeout), timeout, "A timeout is longer than zero, or Timeout.InfiniteTimeSpan for none.");
        if (Retries is { } retries) ArgumentOutOfRangeException.ThrowIfNegative(retries, nameof(Retries));
    }
}
