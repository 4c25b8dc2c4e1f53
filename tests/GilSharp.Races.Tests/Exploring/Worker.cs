namespace GilSharp.Races.Exploring;

/// <summary>A real thread, used for one virtual thread of each execution.</summary>
internal sealed class Worker
{
    private readonly Baton _order = new();
    private VirtualThread? _thread;
    private Action? _body;

    internal Worker(int number)
    {
        Thread = new Thread(Serve) { IsBackground = true, Name = $"explored {number}" };
        Thread.Start();
    }

    internal Thread Thread { get; }

    internal Baton Baton { get; } = new();

    internal void Start(VirtualThread thread, Action body)
    {
        (_thread, _body) = (thread, body);
        _order.Give();
    }

    private void Serve()
    {
        while (true)
        {
            _order.Take();
            VirtualThread thread = _thread!;
            Baton.Take();
            VirtualThread.Current = thread;
            try
            {
                thread.Execution.Enter(thread);
                _body!();
            }
            catch (ExecutionEnds)
            {
                // Whoever ended it has told why.
            }
            catch (Exception exception)
            {
                thread.Execution.NoteFailure($"{thread.Name} threw {exception}");
            }

            VirtualThread.Current = null;
            thread.Execution.Leave(thread);
        }
    }
}

/// <summary>Unwinds the threads of an execution that is over.</summary>
internal sealed class ExecutionEnds : Exception;
