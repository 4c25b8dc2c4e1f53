namespace GilSharp;

/// <summary>How many references are watched for being forgotten.</summary>
public enum LeakDetectionLevel
{
    /// <summary>None: no finalizer, no allocation, no slower path. The default.</summary>
    Disabled,

    /// <summary>One handle in 128, chosen at random, with the stack of its creation: cheap enough for production.</summary>
    Sampled,

    /// <summary>
    /// Every handle, lease and guard, with the stack and source line of its creation and of its end, so that errors tell who disposed first: for tests
    /// and for the hunt after a leak.
    /// </summary>
    Full,
}
