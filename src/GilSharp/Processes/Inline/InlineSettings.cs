using GilSharp.Ipc;
using GilSharp.Processes.Calls;
using GilSharp.Processes.Worker;
using GilSharp.Serialization;

namespace GilSharp.Processes.Inline;

/// <summary>What a pool tells its workers, as these would get it: hooks that can't travel fail here too, and what they capture is a copy.</summary>
internal sealed class InlineSettings
{
    private readonly InlineRegions _regions = new();
    private readonly WorkerSettings _settings;

    private InlineSettings(FrameBuffer written)
    {
        IProgressChannel? before = CodecContext.Progress;
        CodecContext.Progress = new WorkerProgress(static _ => { }, _regions, static () => 0);
        try
        {
            _settings = WorkerSettings.Read(written.Written.ToArray());
        }
        finally
        {
            CodecContext.Progress = before;
        }
    }

    internal Action? Initializer => _settings.Initializer;

    internal Action? Exiting => _settings.Exiting;

    internal static InlineSettings Of(ProcessPoolOptions options, WorkerCulture culture)
    {
        FrameBuffer written = new();
        CallProgress progress = CallProgress.Begin(out CallProgress.Outer outer, refusesReporters: true);
        CallRegions? regions = null;
        try
        {
            try
            {
                WorkerSettings.Write(written, 0, culture, [], options);
            }
            finally
            {
                _ = progress.End(outer, out regions);
            }

            return new InlineSettings(written);
        }
        finally
        {
            regions?.Release(); // what was read has handles of its own
        }
    }

    /// <summary>The pool has ended, and with it the handles of shared memory that its hooks captured.</summary>
    internal void End() => _regions.EndCall();
}
