// The woven library calls the seam.
[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("GilSharp")]
[assembly: DoNotParallelize]
