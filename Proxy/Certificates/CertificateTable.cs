using System.Collections.Frozen;
using System.Globalization;

namespace Weir.Proxy.Certificates;

/// <summary>Leads from a name in a TLS greeting to its certificate. Immutable.</summary>
internal sealed class CertificateTable
{
    // More would say nothing more.
    private const int DoublesMax = 50;

    private static readonly IdnMapping Idn = new();

    private readonly FrozenDictionary<string, SiteCertificate> _byName;
    private readonly FrozenDictionary<string, SiteCertificate>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    private CertificateTable(Dictionary<string, SiteCertificate> byName, List<CertificateDouble> doubles, DateTimeOffset changesAt)
    {
        Doubles = doubles;
        _byName = byName.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _lookup = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
        ChangesAt = changesAt;
    }

    /// <summary>Names that more than one certificate is for; the first of many.</summary>
    public IReadOnlyList<CertificateDouble> Doubles { get; }

    /// <summary>When a certificate begins or ceases to be valid, so that another may have to be chosen.</summary>
    public DateTimeOffset ChangesAt { get; }

    /// <summary>Puts every certificate under its names. Of several for one name the valid one is taken, then the one that ends last.</summary>
    public static CertificateTable Build(IEnumerable<SiteCertificate> certificates, DateTimeOffset now)
    {
        var byName = new Dictionary<string, SiteCertificate>(StringComparer.OrdinalIgnoreCase);
        var doubles = new List<CertificateDouble>();
        var changesAt = DateTimeOffset.MaxValue;
        foreach (var certificate in certificates)
        {
            foreach (string name in certificate.Names.SelectMany(Keys))
            {
                bool isDouble = byName.TryGetValue(name, out var other);
                if (!isDouble || IsBetter(certificate, other!, now))
                    byName[name] = certificate;
                if (isDouble && doubles.Count < DoublesMax)
                    doubles.Add(new CertificateDouble(name[0] == '.' ? "*" + name : name, byName[name].Place, (byName[name] == other ? certificate : other!).Place));
            }
            changesAt = Earlier(Earlier(changesAt, certificate.NotBefore, now), certificate.NotAfter, now);
        }
        return new CertificateTable(byName, doubles, changesAt);
    }

    /// <summary>The certificate for a host: of its exact name, else of the wildcard one label above. Allocates nothing.</summary>
    /// <param name="host">A name as the greeting has it, any case; hostile.</param>
    public SiteCertificate? Find(ReadOnlySpan<char> host)
    {
        if (host is [.. var name, '.'])
            host = name;
        if (host.IsEmpty || host[0] == '.')
            return null;
        if (_lookup.TryGetValue(host, out var found))
            return found;
        int dot = host.IndexOf('.');
        return dot > 0 && _lookup.TryGetValue(host[dot..], out found) ? found : null;
    }

    /// <summary>Whether every name that a site's host stands for has a certificate, as far as one can: <c>*.example.com</c> by its own wildcard.</summary>
    public bool Covers(string siteHost) => siteHost.StartsWith("*.", StringComparison.Ordinal)
        ? _byName.ContainsKey(siteHost[1..]) : Find(siteHost) is not null;

    // A wildcard stands under its dot and what follows, which no host can begin with. .NET gives international names as people read them,
    // and in the form that was sent when that cannot be decoded.
    private static IEnumerable<string> Keys(string name)
    {
        string key = name[0] == '*' ? name[1..] : name;
        yield return key;
        if (!key.Contains("xn--", StringComparison.Ordinal))
            yield break;
        string? readable = null;
        try
        {
            readable = key[0] == '.' ? "." + Idn.GetUnicode(key[1..]) : Idn.GetUnicode(key);
        }
        catch (ArgumentException)
        {
            // Then it reaches us undecoded.
        }
        if (readable is not null && readable != key)
            yield return readable;
    }

    private static bool IsBetter(SiteCertificate one, SiteCertificate other, DateTimeOffset now) =>
        one.IsValidAt(now) != other.IsValidAt(now) ? one.IsValidAt(now) : one.NotAfter > other.NotAfter;

    private static DateTimeOffset Earlier(DateTimeOffset known, DateTimeOffset time, DateTimeOffset now) => time > now && time < known ? time : known;
}
