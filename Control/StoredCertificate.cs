namespace Weir.Control;

/// <summary>A certificate of the control store as lists show it.</summary>
/// <param name="Name">What people call it there.</param>
/// <param name="Version">Version of its last change; no other change of any certificate has it.</param>
/// <param name="Changed">When that was.</param>
public sealed record CertificateEntry(string Name, long Version, DateTimeOffset Changed);

/// <summary>A certificate of the control store with its chain and its private key, opened.</summary>
/// <param name="Entry">Its name and version.</param>
/// <param name="Chain">The certificate, then its chain, in PEM form.</param>
/// <param name="Key">Its private key in PEM form.</param>
public sealed record StoredCertificate(CertificateEntry Entry, string Chain, string Key)
{
    /// <summary>The longest name.</summary>
    public const int NameCharsMax = 253;

    /// <summary>The longest chain or key, in characters: some thirty certificates.</summary>
    public const int PemCharsMax = 131_072;

    /// <summary>What a name may be, for people.</summary>
    public const string NameRule = "1 to 253 letters, digits, dots, hyphens, underscores and asterisks, such as www.example.com";

    /// <summary>Whether a text can be a certificate's name.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= NameCharsMax && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '*');
}
