using System.IO.MemoryMappedFiles;

namespace GilSharp.Tests.Processes.Chaos;

/// <summary>Which calls have begun, written by the workers into a file that outlives them: nobody's word is taken for it.</summary>
internal sealed unsafe class Ledger : IDisposable
{
    internal const int Entries = 1 << 26;

    private static Ledger? s_ofThisProcess;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _starts;

    internal Ledger(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, Entries);
        _view = _file.CreateViewAccessor();
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _starts);
    }

    /// <summary>In a worker: opens the file that the test has made.</summary>
    internal static void Open(string path) => s_ofThisProcess = new Ledger(path);

    /// <summary>In a worker: this call has begun.</summary>
    internal static void Start(int call) => s_ofThisProcess!._starts[call]++; // one worker at a time has the call

    internal int Starts(int call) => Volatile.Read(ref _starts[call]);

    /// <summary>The entry may be used for another call.</summary>
    internal void Clear(int call) => _starts[call] = 0;

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
