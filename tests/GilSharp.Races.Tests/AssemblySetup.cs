// The woven library calls the seam.
[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("GilSharp")]
[assembly: Parallelize(Workers = 2, Scope = ExecutionScope.MethodLevel)]
