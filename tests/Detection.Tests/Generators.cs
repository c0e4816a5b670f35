using CsCheck;

namespace Weir.Tests;

/// <summary>Generators that several tests share.</summary>
internal static class Generators
{
    /// <summary>One of the given values.</summary>
    public static Gen<T> Pick<T>(params T[] of) => Gen.Int[0, of.Length - 1].Select(i => of[i]);
}
