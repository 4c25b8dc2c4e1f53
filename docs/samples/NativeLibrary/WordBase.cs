using Microsoft.Data.Sqlite;

namespace GilSharp.Samples.NativeLibrary;

/// <summary>A worker's own database. Initializer, calls and the exit hook run on one thread of the worker, so nothing here is locked.</summary>
internal static class WordBase
{
    private static SqliteConnection? s_connection;
    private static int s_opened;

    public static void Open(params string[] words)
    {
        s_connection = new SqliteConnection("Data Source=:memory:");
        s_connection.Open(); // loads the native library
        s_opened++;
        Execute("create table words (word text)");
        foreach (string word in words) Execute("insert into words values ($word)", word);
    }

    public static long Count(string pattern) => (long)Execute("select count(*) from words where word like $word", pattern)!;

    public static (int Process, int Opened) Opened(int call) => (Environment.ProcessId, s_opened);

    public static void Close() => s_connection?.Dispose();

    private static object? Execute(string statement, string? word = null)
    {
        using SqliteCommand command = (s_connection ?? throw new InvalidOperationException("The initializer has not run.")).CreateCommand();
        command.CommandText = statement;
        if (word is not null) command.Parameters.AddWithValue("$word", word);
        return command.ExecuteScalar();
    }
}
