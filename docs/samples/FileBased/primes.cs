#!/usr/bin/env dotnet
// A program in one file: dotnet run primes.cs. Outside this repository the first line below is "#:package GilSharp@0.1.0".
#:project ../../../src/GilSharp/GilSharp.csproj
using GilSharp;

await using ProcessPool pool = new(2);
int[] limits = [1_000, 10_000, 100_000];
int[] counts = await pool.MapAsync(CountPrimes, limits);
foreach ((int limit, int count) in limits.Zip(counts)) Console.WriteLine($"{count} primes below {limit}");
bool elsewhere = await pool.ApplyAsync(() => Environment.ProcessId) != Environment.ProcessId;
Console.WriteLine($"counted in another process: {elsewhere}");
return counts is [168, 1229, 9592] && elsewhere ? 0 : 1;

static int CountPrimes(int limit) =>
    Enumerable.Range(2, limit - 2).Count(number => Enumerable.Range(2, (int)Math.Sqrt(number) - 1).All(divisor => number % divisor != 0));
