namespace Weir.Proxy.Certificates;

/// <summary>Where certificates come from.</summary>
public sealed record CertificateOptions
{
    /// <summary>Folder of PEM files, watched for changes; null when nothing listens with TLS, or all come from the control store.</summary>
    public string? Folder { get; init; }

    /// <summary>Web root that this machine's ACME client writes its answers below; null leaves challenges to the origins.</summary>
    public string? ChallengeFolder { get; init; }

    /// <summary>Host whose certificate is shown to who names no host or an unknown one; null refuses them.</summary>
    public string? DefaultHost { get; init; }

    /// <summary>Whether the URLs inside certificates may lead into private networks, as those of an authority of one's own do.</summary>
    public bool AllowsPrivateOcsp { get; init; }
}
