using System.Security.Cryptography.X509Certificates;
using Weir.Proxy.Certificates.Ocsp;

namespace Weir.Fuzz;

/// <summary>Answers of OCSP responders, about one certificate of one issuer.</summary>
internal static class OcspTarget
{
    private const string IssuerPem =
        """
        -----BEGIN CERTIFICATE-----
        MIIBdTCCARugAwIBAgIUR99VE3zHA/dwEMUC6LO2HnkylsswCgYIKoZIzj0EAwIw
        DzENMAsGA1UEAwwEcm9vdDAgFw0yNjExMjcwODM5MTVaGA8yMTI2MTEwMzA4Mzkx
        NVowDzENMAsGA1UEAwwEcm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMdr
        33eJ3OGuTZUTqbsnxYA75K0nbkC2+nBBGxaBkSW/qwzHqcLMG7EntptobsdaKMXC
        jNoFjfBjBpTrmf1TxsmjUzBRMB0GA1UdDgQWBBRuhurkxHkyaEf0kBKULNNhDV6r
        hjAfBgNVHSMEGDAWgBRuhurkxHkyaEf0kBKULNNhDV6rhjAPBgNVHRMBAf8EBTAD
        AQH/MAoGCCqGSM49BAMCA0gAMEUCIQDfbZhmBYqbSsL/TjI6Dkhf1YI5Ab56fNyY
        F/5EuaZq0AIgJJp1G1PaAKoxkDAtXkxUNxUQBqx0Qfd9lPYqRT695Fk=
        -----END CERTIFICATE-----
        """;

    private const string LeafPem =
        """
        -----BEGIN CERTIFICATE-----
        MIIBCTCBsQIEGis8TTAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARyb290MCAXDTI2
        MTEyNzA4MzkxNloYDzIxMjYxMTAzMDgzOTE2WjAPMQ0wCwYDVQQDDARsZWFmMFkw
        EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHt/4zrXOVmnCKqKoyYhoflcH+4IkFEU9
        9iXxJs7AOHvbsBipNUZTcNINDH41fjrcqOuF8f7/RGQc9UQFdckHbzAKBggqhkjO
        PQQDAgNHADBEAiASXRlRrf9xIyZwwISdpWHCj/NGcNAy7DyI5s2+/H8ylQIgSEaM
        wKl7WVy6geIn3b3VN9Qft+QyFefd+Nwhj/AgJ/M=
        -----END CERTIFICATE-----
        """;

    private static readonly DateTimeOffset Now = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly X509Certificate2 Issuer = X509Certificate2.CreateFromPem(IssuerPem);
    private static readonly OcspCertificateId Id = new(X509Certificate2.CreateFromPem(LeafPem), Issuer);

    /// <summary>Reads one; must believe the corpus' own alone, since nobody here can sign.</summary>
    public static void Read(byte[] bytes)
    {
        bool isBelieved = OcspAnswer.TryRead(bytes, Id, Issuer, Now, out var answer, out string why);
        Target.Require(isBelieved == (answer is not null), "neither an answer nor none");
        Target.Require(isBelieved || why.Length > 0, "refused for nothing");
        Target.Require(answer is not { State: OcspState.NotAsked or OcspState.Unreachable }, $"{answer} is no answer");
    }
}
