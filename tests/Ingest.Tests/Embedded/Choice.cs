using CsCheck;

namespace Weir.Ingest.Tests.Embedded;

/// <summary>Generators over fixed values.</summary>
static class Choice
{
    /// <summary>One of these, each as likely.</summary>
    public static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
