namespace GilSharp.StartMatrix.Tests;

/// <summary>One program outside the solution that references the packed library, and the ways to build and run it.</summary>
internal sealed class MatrixProgram
{
    /// <summary>The system's own identifier: packages of other systems are not asked for.</summary>
    public static readonly string Runtime = System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier;

    private readonly string _name;
    private readonly string _folder;

    /// <param name="name">The assembly, and the folder below the workshop.</param>
    /// <param name="properties">What its project says beyond the ordinary.</param>
    /// <param name="withSqlite">Whether it uses a package with a native library as well.</param>
    /// <param name="sample">The sample whose Program.cs it is; by default it is the matrix's own program.</param>
    public MatrixProgram(string name, string properties = "", bool withSqlite = false, string? sample = null)
    {
        _name = name;
        _folder = AssemblySetup.Workshop.NewFolder(name);
        if (sample is not null)
        {
            Workshop.Write(_folder, "Program.cs", File.ReadAllText(Path.Combine(Repository.Root, "docs", "samples", sample, "Program.cs")));
        }
        else
        {
            Workshop.Write(_folder, "Program.cs", Source("Program.cs"));
            Workshop.Write(_folder, "Questions.cs", Source("Questions.cs"));
        }

        Workshop.Write(_folder, $"{name}.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                {properties}
                {(withSqlite ? "<DefineConstants>$(DefineConstants);SQLITE</DefineConstants>" : "")}
              </PropertyGroup>
              <ItemGroup>
                <Using Include="GilSharp" />
                <PackageReference Include="GilSharp" Version="{AssemblySetup.Workshop.PackageVersion}" />
                {(withSqlite ? $"""<PackageReference Include="Microsoft.Data.Sqlite" Version="{Workshop.VersionOf("Microsoft.Data.Sqlite")}" />""" : "")}
              </ItemGroup>
            </Project>
            """);
    }

    public string Folder => _folder;

    public static string SdkCommand => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>Builds it and returns the path of the assembly.</summary>
    public string Build()
    {
        Workshop.DotnetWithoutWarning(_folder, "build", "-c", "Release", "--nologo", "-o", "built");
        return Path.Combine(_folder, "built", _name + ".dll");
    }

    /// <summary>Publishes it for this system and returns the path of the executable.</summary>
    public string Publish(string way, params string[] options)
    {
        Workshop.DotnetWithoutWarning(_folder, ["publish", "-c", "Release", "--nologo", "-r", Runtime, "-o", way, .. options]);
        return Path.Combine(_folder, way, OperatingSystem.IsWindows() ? _name + ".exe" : _name);
    }

    /// <summary>Runs a command in a folder of its own and tells what it printed and how often Main was entered.</summary>
    public static MatrixResult Run(string command, params string[] arguments)
    {
        string folder = AssemblySetup.Workshop.NewFolder("run-" + Guid.NewGuid().ToString("N")[..8]);
        string mains = Path.Combine(folder, "mains");
        Environment.SetEnvironmentVariable("MATRIX_MAINS", mains);
        try
        {
            ChildResult result = ChildProgram.Run(command, arguments, folder);
            return new MatrixResult(result, File.Exists(mains) ? File.ReadAllLines(mains).Length : 0);
        }
        finally
        {
            Environment.SetEnvironmentVariable("MATRIX_MAINS", null);
        }
    }

    /// <summary>A file of the program that every way shares.</summary>
    public static string Source(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Program", name));
}

/// <summary>What a run left.</summary>
internal sealed record MatrixResult(ChildResult Child, int Mains);
