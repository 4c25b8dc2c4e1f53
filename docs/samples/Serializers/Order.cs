using MemoryPack;
using MessagePack;

namespace Serializers;

/// <summary>A value that all three serializers know by its attributes. The default serializer needs none of them.</summary>
[MemoryPackable]
[MessagePackObject]
public sealed partial record Order([property: Key(0)] string Customer, [property: Key(1)] decimal[] Prices);
