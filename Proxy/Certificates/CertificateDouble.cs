namespace Weir.Proxy.Certificates;

/// <summary>A name that two certificates are for.</summary>
/// <param name="Name">The name.</param>
/// <param name="Shown">Where the one is that clients see.</param>
/// <param name="Other">Where the other is.</param>
public sealed record CertificateDouble(string Name, string Shown, string Other)
{
    /// <summary>The one line for people.</summary>
    public override string ToString() => $"{Name} has two certificates: {Shown} is shown, {Other} is not";
}
