using System.Reflection;
using System.Runtime.CompilerServices;

namespace GilSharp.Serialization;

/// <summary>The instance fields of a type, base classes first, with a converter for each. Properties, constructors and setters play no part.</summary>
internal sealed class FieldPlan(Type type, Func<FieldPlan.Slot[]>? slots = null)
{
    private const int UsesBeforeEmitting = 32;

    private Slot[]? _slots;
    private object? _emitted;
    private int _uses;
    private int _minimumSize = -1;
    private bool? _isSelfContained;

    /// <summary>Generated code for the same, once the type is used often and where there can be generated code. Not for a type that hot reload has changed: it does not ask.</summary>
    public object? Emitted => HotReload.HasHappened && FindChangedLevel() is not null ? null : _emitted;

    public Type Type => type;

    public int MinimumSize
    {
        get
        {
            if (_minimumSize < 0)
            {
                int sum = 0;
                foreach (Slot slot in Slots)
                    sum += slot.Converter.MinimumSize;

                _minimumSize = sum;
            }

            return _minimumSize;
        }
    }

    /// <summary>See <see cref="Converter.IsSelfContained"/>.</summary>
    public bool IsSelfContained => _isSelfContained ??= Array.TrueForAll(Slots, static slot => slot.Converter.IsSelfContained);

    public Slot[] Slots => _slots ??= slots is null ? FindSlots(type) : slots();

    public void Write(ref GraphWriter writer, object value)
    {
        CountUse();
        EnsureUnchanged();
        foreach (Slot slot in Slots)
        {
            try
            {
                slot.Converter.WriteBoxed(ref writer, slot.Field.GetValue(value));
            }
            catch (CallSerializationException e) when (slot.Locate(e))
            {
                throw;
            }
        }
    }

    public void Read(ref GraphReader reader, object value)
    {
        CountUse();
        EnsureUnchanged();
        foreach (Slot slot in Slots)
            slot.Field.SetValue(value, slot.Converter.ReadBoxed(ref reader));
    }

    private static Slot[] FindSlots(Type type) => SlotsOf(type, below: null);

    /// <summary>The fields of a type and of those below it, down to <paramref name="below"/>, whose own are left out.</summary>
    public static Slot[] SlotsOf(Type type, Type? below)
    {
        var chain = new Stack<Type>();
        for (Type? level = type; level is not null && level != below && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
            chain.Push(level);

        var slots = new List<Slot>();
        foreach (Type level in chain)
        {
            foreach (FieldInfo field in Mirror.DeclaredFields(level))
            {
                // Whoever marks a field so has said that it stays behind.
                if ((field.Attributes & (FieldAttributes)0x80) == 0)
                    slots.Add(new Slot(field, Converters.For(field.FieldType), "." + NameOf(field)));
            }
        }

        return [.. slots];
    }

    /// <summary>The property's name, where the compiler made the field for it.</summary>
    private static string NameOf(FieldInfo field)
    {
        string name = field.Name;
        int end = name.IndexOf('>', StringComparison.Ordinal);
        return name.StartsWith('<') && end > 1 ? name[1..end] : name;
    }

    /// <summary>Fields that hot reload has added are here and not in a worker.</summary>
    private void EnsureUnchanged()
    {
        if (HotReload.HasHappened && FindChangedLevel() is { } changed)
            throw CallSerializationException.Refused(type, HotReload.Reason(changed.Assembly));
    }

    private Type? FindChangedLevel()
    {
        Type? level = type;
        while (level is not null && !HotReload.HasChanged(level.Assembly))
            level = level.BaseType;

        return level;
    }

    private void CountUse()
    {
        if (_uses < UsesBeforeEmitting && ++_uses == UsesBeforeEmitting && RuntimeFeature.IsDynamicCodeSupported)
            ThreadPool.UnsafeQueueUserWorkItem(static plan => plan.Emit(), this, preferLocal: false);
    }

    private void Emit()
    {
        try
        {
            _emitted = EmittedAccess.Create(Type, Slots);
        }
        catch (Exception)
        {
            // Reflection goes on doing it: nobody waits here who could be told, and an exception would end the process.
        }
    }

    /// <param name="Field">The field.</param>
    /// <param name="Converter">How its values travel.</param>
    /// <param name="Step">A step of the path, ".Name", or its beginning, "captured variable 'name'".</param>
    internal readonly record struct Slot(FieldInfo Field, Converter Converter, string Step)
    {
        public bool Locate(CallSerializationException refusal) => LocateAt(refusal, Step);

        public static bool LocateAt(CallSerializationException refusal, string step) => step.StartsWith('.') ? refusal.Under(step) : step.Length > 0 && refusal.From(step);
    }
}
