using GilSharp.Serialization;

namespace GilSharp.Processes.Calls;

/// <summary>Writes the arguments of a call, one after the other, as <see cref="Worker.ArgumentReader"/> takes them.</summary>
internal ref struct ArgumentWriter(PayloadSlab slab, PayloadCodec codec, Type?[]? reporting)
{
    /// <summary>Which argument is written, or could not be: from one; zero before the first.</summary>
    internal int Number { get; private set; }

    /// <summary>The only argument: all of the rest.</summary>
    internal void WriteSingle<T>(T argument)
    {
        Number++;
        if (reporting?[Number - 1] is { } reporter) FieldCodec.SerializeAs(reporter, slab, argument);
        else codec.Write(slab, argument);
    }

    /// <summary>One of several, with its length in front.</summary>
    internal void Write<T>(T argument)
    {
        int length = slab.ReserveLength();
        WriteSingle(argument);
        slab.FillLength(length);
    }
}
