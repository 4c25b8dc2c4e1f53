namespace GilSharp.Package.Tests;

/// <summary>
/// A temporary folder with clones of this repository, as it is now, and what was packed in them. Made once, for all tests of this project;
/// nothing is built in the repository itself, so other builds of it may go on.
/// </summary>
internal sealed class Workshop : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gilsharp-package-");

    public Workshop()
    {
        Original = CopyRepository();
        Copy = Clone("copy");
        FromGitHub = Clone("from-github");
        Git(FromGitHub, "remote", "set-url", "origin", "https://github.com/example/gilsharp.git");
        OriginalPackage = Pack(Original);
        CopyPackage = Pack(Copy);
        FromGitHubPackage = Pack(FromGitHub);
    }

    /// <summary>A repository without a remote.</summary>
    public string Original { get; }

    public Package OriginalPackage { get; }

    /// <summary>A clone of it: its origin is the path of a folder.</summary>
    public string Copy { get; }

    public Package CopyPackage { get; }

    /// <summary>A clone whose origin is on GitHub.</summary>
    public string FromGitHub { get; }

    public Package FromGitHubPackage { get; }

    /// <summary>A new folder for a program outside the solution.</summary>
    public string NewFolder(string name) => _folder.CreateSubdirectory(name).FullName;

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Runs git and expects it to succeed.</summary>
    public static string Git(string folder, params string[] arguments)
    {
        ChildResult result = ChildProgram.Run("git", ["-c", "user.name=GilSharp", "-c", "user.email=tests@example.org", .. arguments], folder);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {result}");
    }

    private string CopyRepository()
    {
        string target = NewFolder("original");
        foreach (string file in Repository.Files())
        {
            string copy = Path.Combine(target, Repository.Relative(file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        Git(target, "init", "--quiet");
        Git(target, "add", "--all");
        Git(target, "commit", "--quiet", "--message", "As it is");
        return target;
    }

    /// <summary>Another clone, for a test to change.</summary>
    public string Clone(string name)
    {
        Git(_folder.FullName, "clone", "--quiet", Original, name);
        return Path.Combine(_folder.FullName, name);
    }

    private static Package Pack(string repository)
    {
        string feed = Path.Combine(repository, "artifacts");
        ChildResult result = ChildProgram.Dotnet(
            ["pack", "src/GilSharp", "-c", "Release", "-o", feed, "--nologo", "-p:ContinuousIntegrationBuild=true"], repository);
        return result.ExitCode == 0 ? new Package(feed, result.Output) : throw new InvalidOperationException($"dotnet pack: {result}");
    }
}
