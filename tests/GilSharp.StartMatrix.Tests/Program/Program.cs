#if EXPLICIT
ProcessPool.RunWorkerIfRequested();
#endif
File.AppendAllText(Environment.GetEnvironmentVariable("MATRIX_MAINS")!, "Main\n");

await Questions.Ask(Console.WriteLine);
