using GilSharp;
using Jint;

namespace EmbeddedInterpreters;

/// <summary>One Jint engine, which is not thread-safe, used by many threads through a lock.</summary>
public sealed class JavaScript
{
    private readonly GlobalInterpreterLock _gil = GlobalInterpreterLock.For("jint sample");
    private readonly Engine _engine = new Engine().Execute("var counter = 0; function count() { counter = counter + 1; return counter; }");

    /// <summary>What the threads have counted so far.</summary>
    public int Counter => _gil.Run(() => (int)_engine.Evaluate("counter").AsNumber());

    /// <summary>Each call is one turn under the lock.</summary>
    public void Count() => _gil.Run(() => _engine.Invoke("count"));

    /// <summary>An asynchronous caller: no thread waits for the engine.</summary>
    public Task CountAsync() => _gil.RunAsync(() => { _engine.Invoke("count"); });
}
