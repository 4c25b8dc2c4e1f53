using Microsoft.Extensions.Logging;

namespace GilSharp.Processes.Inline;

/// <summary>The loggers of a pool's options as its calls see them: theirs to use, as in a worker, and not to change or to end.</summary>
internal sealed class InlineLoggerFactory(ILoggerFactory factory) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => factory.CreateLogger(categoryName);

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("A call's log goes to the LoggerFactory of the pool's options: add the provider there.");

    public void Dispose()
    {
    }
}
