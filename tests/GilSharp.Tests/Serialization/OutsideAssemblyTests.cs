using System.Buffers;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using GilSharp.Serialization;

namespace GilSharp.Tests.Serialization;

/// <summary>Functions of assemblies that are not of the program: plug-ins, assemblies in memory, assemblies that go.</summary>
[TestClass]
public sealed class OutsideAssemblyTests
{
    [TestMethod]
    public void PlugIn_TravelsAsPathAndModuleVersion()
    {
        string folder = Directory.CreateTempSubdirectory("gilsharp-plugin").FullName;
        try
        {
            string path = Path.Combine(folder, "PlugIn.Of.Test.dll");
            Build(path, "PlugIn.Of.Test", 5);
            byte[] identity = IdentityOfPlugIn(path, out WeakReference context);

            // Found by path where it is not loaded any more, as in a worker.
            for (int i = 0; i < 20 && context.IsAlive; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            var function = (Func<int>)FunctionPlan.ReadIdentity(identity).ReadDelegate(default, FieldCodec.Default);
            Assert.AreEqual(5, function());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void PlugIn_ThatWasRebuilt_IsRefusedWithBothIds()
    {
        string folder = Directory.CreateTempSubdirectory("gilsharp-plugin").FullName;
        try
        {
            string path = Path.Combine(folder, "PlugIn.Rebuilt.dll");
            Build(path, "PlugIn.Rebuilt", 5);
            byte[] identity = IdentityOfPlugIn(path, out WeakReference context);
            for (int i = 0; i < 20 && context.IsAlive; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            File.Delete(path);
            Build(path, "PlugIn.Rebuilt", 6);
            if (context.IsAlive)
                Assert.Inconclusive("The old build could not be unloaded.");

            CallSerializationException e = Assert.ThrowsExactly<CallSerializationException>(() => FunctionPlan.ReadIdentity(identity));
            Assert.Contains("has changed", e.Message);
            Assert.Contains("module version id", e.Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void PlugIn_ChangedByHotReload_IsRefusedWithTheWayOut()
    {
        string folder = Directory.CreateTempSubdirectory("gilsharp-plugin").FullName;
        try
        {
            string path = Path.Combine(folder, "PlugIn.Reloaded.dll");
            Build(path, "PlugIn.Reloaded", 5);
            var context = new AssemblyLoadContext("hot reload", isCollectible: true);
            Type type = context.LoadFromAssemblyPath(path).GetType("PlugIn")!;
            Func<int> function = type.GetMethod("Answer")!.CreateDelegate<Func<int>>();
            object value = Activator.CreateInstance(type)!;
            Assert.AreEqual(5, Codec.RoundTripFunction(function)());
            byte[] bytes = Codec.Bytes(value);
            for (int i = 0; i < 100; i++) // enough for generated code
                Assert.AreSame(type, Codec.RoundTrip(value).GetType());

            HotReload.UpdateApplication([type]); // as the runtime does after an update

            foreach (CallSerializationException refusal in new[] { Codec.Refusal(value), Codec.Refusal(new object[] { value }), Assert.ThrowsExactly<CallSerializationException>(() => FieldCodec.Default.Deserialize<object>(bytes)) })
            {
                Assert.Contains("PlugIn", refusal.Message);
                Assert.Contains("changed by hot reload", refusal.Message);
            }

            CallSerializationException e = Assert.ThrowsExactly<CallSerializationException>(() => FunctionPlan.For(function));
            Assert.Contains("hot reload", e.Message);
            Assert.Contains(type.Module.ModuleVersionId.ToString(), e.Message);
            Assert.Contains("Restart the program", e.Message);
            Assert.AreEqual(7, Codec.RoundTripFunction(static () => 7)(), "other assemblies are not concerned");
            context.Unload();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void AssemblyInMemory_IsRefused()
    {
        byte[] image = Image("InMemory.Of.Test", 5);
        var context = new AssemblyLoadContext("memory", isCollectible: true);
        Assembly assembly = context.LoadFromStream(new MemoryStream(image));
        Delegate function = assembly.GetType("PlugIn")!.GetMethod("Answer")!.CreateDelegate<Func<int>>();

        Assert.Contains("loaded from memory", Assert.ThrowsExactly<CallSerializationException>(() => FunctionPlan.For(function)).Message);
        Assert.Contains("loaded from memory", Codec.Refusal(Activator.CreateInstance(assembly.GetType("PlugIn")!)!).Message);
        context.Unload();
    }

    [TestMethod]
    public void AssemblyThatIsNotHere_IsNamedWithTheWayOut()
    {
        string message = Assert.ThrowsExactly<CallSerializationException>(() => AssemblyCatalog.Resolve("No.Such", Guid.NewGuid())).Message;
        Assert.Contains("No.Such", message);
        Assert.Contains("Initializer", message);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte[] IdentityOfPlugIn(string path, out WeakReference reference)
    {
        var context = new AssemblyLoadContext("plug-in", isCollectible: true);
        reference = new WeakReference(context);
        Func<int> function = context.LoadFromAssemblyPath(path).GetType("PlugIn")!.GetMethod("Answer")!.CreateDelegate<Func<int>>();
        Assert.AreEqual(function(), Codec.RoundTripFunction(function)());
        var writer = new ArrayBufferWriter<byte>();
        FunctionPlan.For(function).WriteIdentity(writer);
        context.Unload();
        return writer.WrittenSpan.ToArray();
    }

    private static void Build(string path, string name, int answer) => File.WriteAllBytes(path, Image(name, answer));

    private static byte[] Image(string name, int answer)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(name), typeof(object).Assembly);
        TypeBuilder type = assembly.DefineDynamicModule(name).DefineType("PlugIn", TypeAttributes.Public | TypeAttributes.Class);
        ILGenerator il = type.DefineMethod("Answer", MethodAttributes.Public | MethodAttributes.Static, typeof(int), []).GetILGenerator();
        il.Emit(OpCodes.Ldc_I4, answer);
        il.Emit(OpCodes.Ret);
        type.CreateType();
        using var stream = new MemoryStream();
        assembly.Save(stream);
        return stream.ToArray();
    }
}
