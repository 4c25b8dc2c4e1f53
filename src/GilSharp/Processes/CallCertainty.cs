namespace GilSharp;

/// <summary>Whether a call that failed with its worker may have had effects.</summary>
public enum CallCertainty
{
    /// <summary>The function had not been entered: to call it again is safe.</summary>
    NeverStarted,

    /// <summary>The function had been entered and may have done anything from nothing to all.</summary>
    MayHaveRun,
}
