using GilSharp.Ipc;
using GilSharp.Serialization;
using Microsoft.Extensions.Logging;

namespace GilSharp.Processes.Worker;

/// <summary>Loggers in a worker: every entry is sent to the parent, whose own factory decides what is kept.</summary>
internal sealed class WorkerLoggerFactory(WorkerChannel channel) : ILoggerFactory
{
    private readonly AsyncLocal<Scope?> _scope = new();

    public ILogger CreateLogger(string categoryName) => new WorkerLogger(this, categoryName);

    /// <summary>Where entries go is the parent's to say.</summary>
    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("A worker's log goes to the LoggerFactory of the pool's options: add the provider there.");

    public void Dispose()
    {
    }

    private sealed class Scope(WorkerLoggerFactory factory, Scope? outer, string text) : IDisposable
    {
        internal Scope? Outer => outer;

        internal string Text => text;

        public void Dispose() => factory._scope.Value = outer;
    }

    private sealed class WorkerLogger(WorkerLoggerFactory factory, string category) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull =>
            factory._scope.Value = new Scope(factory, factory._scope.Value, state.ToString() ?? "");

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            FrameBuffer buffer = new(256);
            int frame = buffer.BeginFrame();
            buffer.Write((int)logLevel);
            buffer.Write(eventId.Id);
            WireText.Write(buffer, eventId.Name);
            WireText.Write(buffer, category);
            WireText.Write(buffer, formatter(state, exception));
            List<string> scopes = [];
            for (Scope? scope = factory._scope.Value; scope is not null; scope = scope.Outer) scopes.Insert(0, scope.Text);
            buffer.Write(scopes.Count);
            foreach (string scope in scopes) WireText.Write(buffer, scope);
            if (exception is not null) ExceptionCodec.Write(buffer, exception);
            buffer.EndFrame(frame, FrameKind.Log, WorkerContext.CallId);
            factory.Send(buffer);
        }
    }

    private void Send(FrameBuffer frame) => channel.Write(frame.Written);
}
