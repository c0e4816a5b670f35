namespace Weir.Proxy.Certificates;

/// <summary>Something that cannot be used as a certificate, or not yet, or no more; or that clients may stumble on.</summary>
/// <param name="Place">Where it is: a file's path, or a row of another source.</param>
/// <param name="What">What is wrong: one sentence.</param>
/// <param name="Mend">What to do: one sentence.</param>
public sealed record CertificateProblem(string Place, string What, string Mend)
{
    /// <summary>Whether the certificate is used all the same, as well as it can be.</summary>
    public bool IsWarning { get; init; }

    /// <summary>The one line for people.</summary>
    public override string ToString() => $"{Place}: {What} {Mend}";
}
