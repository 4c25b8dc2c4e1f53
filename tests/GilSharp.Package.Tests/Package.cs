using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using System.Xml.Linq;

namespace GilSharp.Package.Tests;

/// <summary>A packed GilSharp.</summary>
/// <param name="Feed">The folder in which it lies; a package source.</param>
/// <param name="BuildLog">What its build said.</param>
internal sealed record Package(string Feed, string BuildLog)
{
    public const string LibraryEntry = "lib/net10.0/GilSharp.dll";

    public string File => Directory.EnumerateFiles(Feed, "GilSharp.*.nupkg").Single();

    public string SymbolsFile => Directory.EnumerateFiles(Feed, "GilSharp.*.snupkg").Single();

    public string Version => Metadata("version")!.Value;

    public static string[] Entries(string file)
    {
        using ZipArchive archive = ZipFile.OpenRead(file);
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    /// <summary>An element of the description, or null.</summary>
    public XElement? Metadata(string name)
    {
        using MemoryStream content = Content(File, "GilSharp.nuspec");
        XElement metadata = XDocument.Load(content).Root!.Elements().Single();
        return metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name);
    }

    public string HashOf(string file, string entry)
    {
        using MemoryStream content = Content(file, entry);
        return Convert.ToHexString(SHA256.HashData(content));
    }

    /// <summary>The assemblies that the library was compiled against and uses.</summary>
    public string[] LibraryReferences()
    {
        using MemoryStream content = Content(File, LibraryEntry);
        using PEReader library = new(content);
        MetadataReader reader = library.GetMetadataReader();
        return [.. reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))];
    }

    private static MemoryStream Content(string file, string entry)
    {
        using ZipArchive archive = ZipFile.OpenRead(file);
        MemoryStream content = new();
        using (Stream stream = archive.GetEntry(entry)!.Open())
            stream.CopyTo(content);
        content.Position = 0;
        return content;
    }
}
