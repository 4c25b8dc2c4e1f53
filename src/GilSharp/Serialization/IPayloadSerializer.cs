using System.Buffers;

namespace GilSharp;

/// <summary>Turns arguments, results and captured variables into bytes and back.</summary>
/// <remarks>
/// The serializer itself is sent once to every worker, as a value. It sees each value with its declared type. Frames, functions and exceptions do
/// not go through it. Both methods are called from several threads at once.
/// </remarks>
public interface IPayloadSerializer
{
    /// <summary>Writes a value.</summary>
    /// <typeparam name="T">The declared type of the value.</typeparam>
    /// <param name="writer">Where the bytes go.</param>
    /// <param name="value">The value; may be null.</param>
    /// <exception cref="CallSerializationException">The value can't be written; any other exception is wrapped in this one by the pool.</exception>
    void Serialize<T>(IBufferWriter<byte> writer, T value);

    /// <summary>Reads a value that <see cref="Serialize{T}"/> has written with the same type.</summary>
    /// <typeparam name="T">The declared type of the value.</typeparam>
    /// <param name="payload">Exactly the bytes that were written.</param>
    /// <returns>The value.</returns>
    /// <exception cref="CallSerializationException">The bytes can't be read; any other exception is wrapped in this one by the pool.</exception>
    T Deserialize<T>(in ReadOnlySequence<byte> payload);
}
