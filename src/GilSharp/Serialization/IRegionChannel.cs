using System.Buffers;
using GilSharp.Sharing;

namespace GilSharp.Serialization;

/// <summary>How memory that is shared gets to the other side of a call beside its payload, in which it is only named.</summary>
internal interface IRegionChannel
{
    /// <summary>Whether what is written there is the call's own payload: a name in anything else would name nothing.</summary>
    bool MayCarry(IBufferWriter<byte> output);

    /// <summary>Sees to it that the other side has a region when it reads its number.</summary>
    void Send(ISharedWindow window);

    /// <summary>Lends memory for a large array's content; the other side copies it out, and then it is lent again.</summary>
    RegionLoan? TryLend(object array, long bytes);

    /// <summary>Whether the content of an array that is being written was put into lent memory.</summary>
    bool IsLent(object array);

    /// <summary>The region with this number, a reference for the caller.</summary>
    /// <exception cref="CallSerializationException">The other side has sent none.</exception>
    RefCounted<SharedRegion> Take(long id);

    /// <summary>A handle was made of what was read.</summary>
    void Made(ISharedWindow window);

    /// <summary>So much was read from lent memory.</summary>
    void CountRead(long bytes);
}
