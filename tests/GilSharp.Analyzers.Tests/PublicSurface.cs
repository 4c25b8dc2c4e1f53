namespace GilSharp.Analyzers.Tests;

/// <summary>
/// The signatures that the rules look for, compiled with each snippet. The rules match by metadata name, so that the tests
/// need the names of the library and not its code.
/// </summary>
internal static class PublicSurface
{
    public const string Source = """
        #nullable enable
        using System;
        using System.Collections.Generic;
        using System.Diagnostics.CodeAnalysis;
        using System.Threading;
        using System.Threading.Tasks;

        namespace GilSharp
        {
            public sealed class GlobalInterpreterLock : IDisposable
            {
                public static GlobalInterpreterLock Shared => throw null!;
                public void Enter() { }
                public void Enter(CancellationToken cancellationToken) { }
                public bool TryEnter() => true;
                public bool TryEnter(TimeSpan timeout) => true;
                public void Exit() { }
                public Scope EnterScope() => default;
                public ReleasedScope ReleaseScope() => default;
                public Task<TResult> RunAsync<TResult>(Func<Task<TResult>> function, CancellationToken cancellationToken = default) => throw null!;
                public Task RunAsync(Func<Task> function, CancellationToken cancellationToken = default) => throw null!;
                public Task RunAsync(Action action, CancellationToken cancellationToken = default) => throw null!;
                public void Dispose() { }
                public ref struct Scope { public void Dispose() { } }
                public ref struct ReleasedScope { public void Dispose() { } }
            }

            public enum RefCountMode { Atomic, LockGuarded, GilCounted }

            public static class RefCounted
            {
                public static RefCounted<T> Create<T>(T value, RefCountMode mode = RefCountMode.Atomic, Action<T>? onRelease = null) where T : notnull => throw null!;
                public static RefCounted<T> Create<T>(T value, GlobalInterpreterLock gil, Action<T>? onRelease = null) where T : notnull => throw null!;
            }

            public sealed class RefCounted<T> : IDisposable, IAsyncDisposable where T : notnull
            {
                public T Value => throw null!;
                public int Count => 0;
                public bool IsDisposed => false;
                public RefCounted<T> AddReference() => throw null!;
                public bool TryAddReference([NotNullWhen(true)] out RefCounted<T>? reference) => throw null!;
                public Lease Borrow() => default;
                public Guard Lock() => default;
                public WeakRefCounted<T> CreateWeak() => throw null!;
                public void Dispose() { }
                public ValueTask DisposeAsync() => default;
                public ref struct Lease { public T Value => throw null!; public void Dispose() { } }
                public ref struct Guard { public T Value => throw null!; public void Dispose() { } }
            }

            public sealed class WeakRefCounted<T> where T : notnull
            {
                public bool IsAlive => false;
                public bool TryGetReference([NotNullWhen(true)] out RefCounted<T>? reference) => throw null!;
            }

            public sealed class CallOptions { }
            public sealed class MapOptions { }

            public abstract class WorkerPool : IAsyncDisposable, IDisposable
            {
                public Task<TResult> ApplyAsync<TResult>(Func<TResult> function, CancellationToken cancellationToken = default) => throw null!;
                public Task<TResult> ApplyAsync<TResult>(Func<Task<TResult>> function, CancellationToken cancellationToken = default) => throw null!;
                public Task<TResult> ApplyAsync<TResult>(Func<CancellationToken, TResult> function, CancellationToken cancellationToken = default) => throw null!;
                public Task<TResult> ApplyAsync<T, TResult>(Func<T, TResult> function, T argument, CancellationToken cancellationToken = default) => throw null!;
                public Task<TResult> ApplyAsync<T, TResult>(Func<T, Task<TResult>> function, T argument, CancellationToken cancellationToken = default) => throw null!;
                public Task<TResult> ApplyAsync<T, TResult>(Func<T, CancellationToken, TResult> function, T argument, CancellationToken cancellationToken = default) => throw null!;
                public Task ApplyAsync(Action action, CancellationToken cancellationToken = default) => throw null!;
                public Task ApplyAsync<T>(Action<T> action, T argument, CancellationToken cancellationToken = default) => throw null!;
                public TResult Apply<TResult>(Func<TResult> function, CancellationToken cancellationToken = default) => throw null!;
                public TResult Apply<T, TResult>(Func<T, TResult> function, T argument, CancellationToken cancellationToken = default) => throw null!;
                public Task<TResult[]> MapAsync<T, TResult>(Func<T, TResult> function, IEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) => throw null!;
                public TResult[] Map<T, TResult>(Func<T, TResult> function, IEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) => throw null!;
                public IAsyncEnumerable<TResult> MapStreamAsync<T, TResult>(Func<T, TResult> function, IEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) => throw null!;
                public Task ForEachAsync<T>(Action<T> action, IEnumerable<T> items, MapOptions? options = null, CancellationToken cancellationToken = default) => throw null!;
                public WorkerPool With(CallOptions options) => this;
                public void Dispose() { }
                public ValueTask DisposeAsync() => default;
            }

            public sealed class ProcessPool : WorkerPool
            {
                public ProcessPool() { }
                public ProcessPool(int workers) { }
                public ProcessPool(ProcessPoolOptions options) { }
                public static void RunWorkerIfRequested() { }
            }

            public sealed class ProcessPoolOptions
            {
                public Action? Initializer { get; set; }
                public Action? WorkerExiting { get; set; }
                public IPayloadSerializer Serializer { get; set; } = null!;
            }

            public interface IPayloadSerializer
            {
                void Serialize<T>(System.Buffers.IBufferWriter<byte> writer, T value);
                T Deserialize<T>(in System.Buffers.ReadOnlySequence<byte> payload);
            }
        }
        """;
}
