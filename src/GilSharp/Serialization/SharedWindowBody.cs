using GilSharp.Sharing;

namespace GilSharp.Serialization;

/// <summary>A shared array, or a view of one: the number of its region, and which part of it.</summary>
internal sealed class SharedWindowBody(SharedWindowMaker maker) : ObjectBody
{
    /// <summary>The body for one of the public types; null for any other type.</summary>
    /// <exception cref="CallSerializationException">Its elements can't travel.</exception>
    public static ObjectBody? TryCreate(Type type)
    {
        if (!type.IsGenericType || type.Assembly != typeof(SharedWindowBody).Assembly) return null;
        Type definition = type.GetGenericTypeDefinition();
        Type? makerType = definition == typeof(SharedArray<>) ? typeof(SharedArrayMaker<>)
            : definition == typeof(ReadOnlySharedArray<>) ? typeof(ReadOnlySharedArrayMaker<>) : null;
        if (makerType is null) return null;
        Type element = type.GetGenericArguments()[0];
        if (!Blittable.IsBlittable(element, inPlace: true)) throw CallSerializationException.Refused(type, "its elements hold addresses or handles, which mean nothing in another process.");
        var maker = (SharedWindowMaker)(makerType == typeof(SharedArrayMaker<>) ? Mirror.Make(typeof(SharedArrayMaker<>), element) : Mirror.Make(typeof(ReadOnlySharedArrayMaker<>), element));
        return new SharedWindowBody(maker).For(type);
    }

    public override void Write(ref GraphWriter writer, object value)
    {
        var window = (ISharedWindow)value;
        IRegionChannel channel = writer.Regions ?? throw CallSerializationException.Refused(
            value.GetType(), "it goes from process to process beside a call. Let it be an argument of one, a captured variable or a result; copy it with Span.ToArray() for anything else.");
        long id, offset;
        try
        {
            channel.Send(window);
            (id, offset) = (window.Region.Value.Id, window.Offset);
        }
        catch (ObjectDisposedException)
        {
            throw CallSerializationException.Refused(value.GetType(), "this handle of it has been disposed. Take one with AddReference for everybody who needs the array.");
        }

        writer.WriteUnmanaged(id);
        writer.WriteUnmanaged(offset);
        writer.WriteUnmanaged(window.Length);
    }

    public override object Read(ref GraphReader reader)
    {
        long id = reader.ReadUnmanaged<long>();
        long offset = reader.ReadUnmanaged<long>();
        int length = reader.ReadUnmanaged<int>();
        IRegionChannel channel = CodecContext.Progress?.Regions ?? throw CallSerializationException.Malformed("a shared array stands outside of a call");
        RefCounted<SharedRegion> region = channel.Take(id);
        if (length < 0 || offset < 0 || offset > region.Value.Bytes || (long)length * maker.ElementSize > region.Value.Bytes - offset)
        {
            long bytes = region.Value.Bytes;
            region.Dispose();
            throw CallSerializationException.Malformed($"{length} elements from byte {offset} of a region of {bytes} bytes");
        }

        ISharedWindow window = maker.Make(region, offset, length);
        reader.Tables.Made(window);
        channel.Made(window);
        return window;
    }
}
