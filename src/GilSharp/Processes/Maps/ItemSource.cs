namespace GilSharp.Processes.Maps;

/// <summary>The input of a map, read chunk by chunk by one reader.</summary>
internal abstract class ItemSource<T> : IAsyncDisposable
{
    /// <summary>How many items there are, where that is known without reading them.</summary>
    internal int? Total { get; private protected init; }

    /// <summary>True when there is nothing more to read.</summary>
    internal bool IsAtEnd { get; private protected set; }

    /// <summary>Reads up to so many items. What the input throws after the first of them is thrown by the next reading.</summary>
    internal abstract ValueTask<T[]> ReadAsync(int most, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();

    private protected static T[] Cut(T[] items, int count)
    {
        if (count < items.Length) Array.Resize(ref items, count);
        return items;
    }
}

/// <summary>An input that is there already.</summary>
internal sealed class ArraySource<T> : ItemSource<T>
{
    private readonly T[] _items;
    private int _at;

    internal ArraySource(T[] items)
    {
        _items = items;
        Total = items.Length;
        IsAtEnd = items.Length == 0;
    }

    internal override ValueTask<T[]> ReadAsync(int most, CancellationToken cancellationToken)
    {
        T[] items = _items.AsSpan(_at, Math.Min(most, _items.Length - _at)).ToArray();
        _at += items.Length;
        IsAtEnd = _at == _items.Length;
        return ValueTask.FromResult(items);
    }

    public override ValueTask DisposeAsync() => default;
}

internal sealed class EnumerableSource<T> : ItemSource<T>
{
    private readonly IEnumerable<T> _sequence;
    private IEnumerator<T>? _items;
    private Exception? _failure;

    internal EnumerableSource(IEnumerable<T> sequence)
    {
        _sequence = sequence;
        if (sequence.TryGetNonEnumeratedCount(out int count)) Total = count;
    }

    internal static ItemSource<T> Of(IEnumerable<T> sequence) => sequence is T[] array && typeof(T[]) == sequence.GetType()
        ? new ArraySource<T>(array)
        : new EnumerableSource<T>(sequence);

    internal override ValueTask<T[]> ReadAsync(int most, CancellationToken cancellationToken)
    {
        if (_failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        _items ??= _sequence.GetEnumerator();
        T[] items = new T[most];
        int count = 0;
        try
        {
            while (count < most && !IsAtEnd)
            {
                if (_items.MoveNext())
                {
                    items[count] = _items.Current;
                    count++; // only now: it may have thrown
                }
                else
                {
                    IsAtEnd = true;
                }
            }
        }
        catch (Exception exception) when (count > 0)
        {
            _failure = exception;
        }

        return ValueTask.FromResult(Cut(items, count));
    }

    public override ValueTask DisposeAsync()
    {
        _items?.Dispose();
        return default;
    }
}

internal sealed class AsyncEnumerableSource<T>(IAsyncEnumerable<T> sequence) : ItemSource<T>
{
    private IAsyncEnumerator<T>? _items;
    private Task<bool>? _next;
    private Exception? _failure;

    internal override async ValueTask<T[]> ReadAsync(int most, CancellationToken cancellationToken)
    {
        if (_failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        _items ??= sequence.GetAsyncEnumerator(cancellationToken);
        T[] items = new T[most];
        int count = 0;
        try
        {
            while (count < most)
            {
                Task<bool> next = _next ?? _items.MoveNextAsync().AsTask();
                _next = null;
                if (count > 0 && !next.IsCompletedSuccessfully)
                {
                    _next = next; // what is there goes to work while the input takes its time, or before it fails
                    break;
                }

                if (!await next.ConfigureAwait(false))
                {
                    IsAtEnd = true;
                    break;
                }

                items[count] = _items.Current;
                count++; // only now: it may have thrown
            }
        }
        catch (Exception exception) when (count > 0)
        {
            _failure = exception; // one that threw at once instead of returning a task that fails
        }

        return Cut(items, count);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_items is null) return;
        if (_next is not null) await ((Task)_next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _items.DisposeAsync().ConfigureAwait(false);
    }
}
