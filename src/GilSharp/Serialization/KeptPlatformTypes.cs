using System.Collections.Frozen;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Resources;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Serialization;
using System.Security;
using System.Security.Cryptography;
using System.Text;

namespace GilSharp.Serialization;

/// <summary>The types of .NET whose fields a NativeAOT program keeps, because they are mentioned here. Of all others it may have lost some.</summary>
/// <remarks>Mostly exceptions: that one of an ordinary class arrives as what it was is expected. Initialised in programs compiled ahead of time only.</remarks>
internal static class KeptPlatformTypes
{
    private const DynamicallyAccessedMemberTypes AllFields = DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields;

    private static readonly FrozenSet<Type> Kept = new[]
    {
        // Values for which CompiledConverters has code, and base classes.
        With<decimal>(), With<Guid>(), With<DateTime>(), With<DateTimeOffset>(), With<TimeSpan>(), With<EventArgs>(), With<Attribute>(), With<StringComparer>(),

        // Exceptions, each level by itself.
        With<AggregateException>(), With<AmbiguousMatchException>(), With<ApplicationException>(), With<ArgumentException>(), With<ArgumentNullException>(),
        With<ArgumentOutOfRangeException>(), With<ArithmeticException>(), With<ArrayTypeMismatchException>(), With<BadImageFormatException>(), With<COMException>(),
        With<CryptographicException>(), With<CultureNotFoundException>(), With<CustomAttributeFormatException>(), With<DataMisalignedException>(),
        With<DecoderFallbackException>(), With<DirectoryNotFoundException>(), With<DivideByZeroException>(), With<DllNotFoundException>(),
        With<DuplicateWaitObjectException>(), With<EncoderFallbackException>(), With<EndOfStreamException>(), With<EntryPointNotFoundException>(),
        With<ExternalException>(), With<FieldAccessException>(), With<FileLoadException>(), With<FileNotFoundException>(), With<FormatException>(),
        With<IndexOutOfRangeException>(), With<InsufficientExecutionStackException>(), With<InsufficientMemoryException>(), With<InvalidCastException>(),
        With<InvalidDataException>(), With<InvalidFilterCriteriaException>(), With<InvalidOperationException>(), With<InvalidProgramException>(),
        With<InvalidTimeZoneException>(), With<IOException>(), With<KeyNotFoundException>(), With<LockRecursionException>(), With<MarshalDirectiveException>(),
        With<MemberAccessException>(), With<MethodAccessException>(), With<MissingFieldException>(), With<MissingManifestResourceException>(),
        With<MissingMemberException>(), With<MissingMethodException>(), With<MissingSatelliteAssemblyException>(), With<MulticastNotSupportedException>(),
        With<NotFiniteNumberException>(), With<NotImplementedException>(), With<NotSupportedException>(), With<NullReferenceException>(),
        With<ObjectDisposedException>(), With<OperationCanceledException>(), With<OutOfMemoryException>(), With<OverflowException>(), With<PathTooLongException>(),
        With<PlatformNotSupportedException>(), With<RankException>(), With<ReflectionTypeLoadException>(), With<SecurityException>(), With<SEHException>(),
        With<SemaphoreFullException>(), With<SerializationException>(), With<SwitchExpressionException>(), With<SynchronizationLockException>(),
        With<SystemException>(), With<TargetException>(), With<TargetInvocationException>(), With<TargetParameterCountException>(), With<TaskCanceledException>(),
        With<TaskSchedulerException>(), With<ThreadInterruptedException>(), With<ThreadStateException>(), With<TimeoutException>(), With<TimeZoneNotFoundException>(),
        With<TypeAccessException>(), With<TypeInitializationException>(), With<TypeLoadException>(), With<UnauthorizedAccessException>(),
        With<UnreachableException>(), With<VerificationException>(), With<WaitHandleCannotBeOpenedException>(),
    }.ToFrozenSet();

    public static bool Contains(Type type) =>
        Kept.Contains(type)
        || (type.IsConstructedGenericType && type.GetGenericTypeDefinition() is var definition && (definition == typeof(Comparer<>) || definition == typeof(EqualityComparer<>))); // without fields

    private static Type With<[DynamicallyAccessedMembers(AllFields)] T>() => typeof(T);
}
