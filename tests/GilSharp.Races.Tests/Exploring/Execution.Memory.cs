using System.Runtime.CompilerServices;
using GilSharp.Races.Memory;
using GilSharp.Races.Seam;

namespace GilSharp.Races.Exploring;

/// <content>The memory of an execution: what threads may meet there, by the .NET memory model.</content>
/// <remarks>
/// A place is known by its address: an execution during which the garbage collector ran is repeated. Real memory always holds the latest
/// store; older ones live in the location's history.
/// </remarks>
internal sealed partial class Execution
{
    private readonly Dictionary<nint, object> _locations = [];
    private readonly Dictionary<nint, PlainPlace> _plainPlaces = [];
    private readonly Dictionary<object, PlainPlace> _containers = new(ReferenceEqualityComparer.Instance);
    private readonly int[] _fences = new int[ThreadView.Length];

    /// <summary>An acquiring read, or one without any order.</summary>
    internal T Read<T>(VirtualThread me, ref T place, bool acquire)
    {
        Location<T> location = LocationOf(me, ref place);
        int visible = location.Visible(me.View);
        Store<T> store = location.Before(ChooseStore(visible));
        store.SeenBy(me.View);
        if (acquire)
            me.View.Acquire(store.Message);
        else
            me.View.AcquireLater(store.Message);
        return store.Value;
    }

    /// <summary>A releasing write, or one that releases only what the last fence did.</summary>
    internal void Write<T>(VirtualThread me, ref T place, T value, bool release)
    {
        LocationOf(me, ref place).Add(value, release ? me.View.Copy() : me.View.AtFence, me.View);
        place = value;
    }

    /// <summary>Reads and writes in one step, as a full fence; a failed compare-and-swap is a full fence as well.</summary>
    internal T Exchange<T>(VirtualThread me, ref T place, T value, bool writes, bool fence)
    {
        Location<T> location = LocationOf(me, ref place);
        if (fence)
            me.View.FullFence(_fences);
        Store<T> latest = location.Latest;
        latest.SeenBy(me.View);
        if (fence)
            me.View.Acquire(latest.Message);
        else
            me.View.AcquireLater(latest.Message);
        if (writes)
        {
            // A release sequence: who reads the result acquires what its predecessors released, too.
            int[]? message = fence ? me.View.Copy() : Both(me.View.AtFence, latest.Message);
            location.Add(value, message, me.View);
            place = value;
        }

        if (fence)
            me.View.FullFence(_fences);
        return latest.Value;
    }

    /// <summary>The value an interlocked operation will find.</summary>
    internal T Latest<T>(VirtualThread me, ref T place) => LocationOf(me, ref place).Latest.Value;

    internal void Fence(VirtualThread me) => me.View.FullFence(_fences);

    internal void PlainRead(VirtualThread me, ref byte place, int site) => Check(me, PlaceOf(me, ref place).Read(me.View), site);

    internal void PlainWrite(VirtualThread me, ref byte place, int site) => Check(me, PlaceOf(me, ref place).Write(me.View), site);

    /// <summary>Any use of a collection counts as a write to it.</summary>
    internal void UseCollection(VirtualThread me, object collection, int site)
    {
        if (!_containers.TryGetValue(collection, out PlainPlace? place))
            _containers.Add(collection, place = new PlainPlace());
        Check(me, place.Write(me.View), site);
    }

    private void Check(VirtualThread me, int other, int site)
    {
        if (other < 0)
            return;
        Log?.Add(me, $"races here with {_threads[other].Name}", site, "");
        Fail(me, $"a data race: {me.Name} at {Sites.Describe(site)} with {_threads[other].Name}");
    }

    private static int[]? Both(int[]? one, int[]? other)
    {
        if (one is null || other is null)
            return one ?? other;
        int[] both = (int[])one.Clone();
        ThreadView.Join(both, other);
        return both;
    }

    private unsafe Location<T> LocationOf<T>(VirtualThread me, ref T place)
    {
        nint address = (nint)Unsafe.AsPointer(ref place);
        if (!_locations.TryGetValue(address, out object? location))
        {
            ThrowIfVoid(me);
            Location<T> created = new(place);
            _locations.Add(address, created);
            return created;
        }

        ThrowIfVoid(me);
        Location<T> known = (Location<T>)location;
        if (EqualityComparer<T>.Default.Equals(known.Latest.Value, place))
            return known;
        // Written by code that is not explored, such as an array's element inside a gate: everybody knows of it.
        _locations[address] = known = new Location<T>(place);
        return known;
    }

    private unsafe PlainPlace PlaceOf(VirtualThread me, ref byte place)
    {
        nint address = (nint)Unsafe.AsPointer(ref place);
        if (!_plainPlaces.TryGetValue(address, out PlainPlace? found))
            _plainPlaces.Add(address, found = new PlainPlace());
        ThrowIfVoid(me);
        return found;
    }
}
