namespace GilSharp.Tests.Processes;

/// <summary>Where a test and the calls that it made meet: a folder of its own.</summary>
internal sealed class MeetingPlace : IDisposable
{
    internal string Folder { get; } = Directory.CreateTempSubdirectory("gilsharp-test-").FullName;

    /// <summary>A file for something that shall happen once: it is there when it has happened.</summary>
    internal string Once => Path.Combine(Folder, "once");

    internal int Arrived => Directory.GetFiles(Folder, "arrived-*").Length;

    internal void LetGo() => File.WriteAllText(Path.Combine(Folder, "go"), "");

    /// <summary>For another meeting.</summary>
    internal void Forget()
    {
        foreach (string file in Directory.GetFiles(Folder)) File.Delete(file);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
