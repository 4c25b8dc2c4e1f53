// A search keeps one processor busy and its states in memory: no more than two at once.
[assembly: Parallelize(Workers = 2, Scope = ExecutionScope.MethodLevel)]

namespace GilSharp.Models.Tests;

/// <summary>Installs what the checks need, where it is missing.</summary>
[TestClass]
public static class AssemblySetup
{
    [AssemblyInitialize]
    public static void Install(TestContext context)
    {
        File.Delete(Report.Path); // of an earlier run
        string[] missing = [.. new[] { "spin", "gcc" }.Where(static program => !IsThere(program))];
        if (missing.Length == 0)
            return;
        foreach (string arguments in new[] { "update", $"install -y {string.Join(' ', missing)}" })
        {
            ChildResult result;
            try
            {
                result = ChildProgram.Run("apt-get", arguments.Split(' '), "/");
            }
            catch (System.ComponentModel.Win32Exception)
            {
                Assert.Fail($"{string.Join(" and ", missing)} must be installed: SPIN 6.5 or later, and a C compiler. There is no apt-get to do it with.");
                return;
            }

            Assert.AreEqual(0, result.ExitCode, $"apt-get {arguments}, to install {string.Join(" and ", missing)}: {result}");
        }
    }

    private static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
