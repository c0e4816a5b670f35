using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Weir.Detection;
using Weir.Detection.Identification.Signatures;
using Weir.Detection.Lines;

namespace Weir.Tests.IdentityOf.Signatures;

public sealed class SignedLineTests
{
    [Fact]
    public void A_line_with_a_signature_is_judged_by_its_own_headers_alone()
    {
        using var signer = new Signer();
        var request = signer.Request(Requests.Now);
        var detector = new Detector(Requests.Catalog) { Signatures = new WebBotAuth(new KnownKeys().With("https://chatgpt.com", signer.Key), new FakeTimeProvider()) };
        string line = JsonSerializer.Serialize(new { ua = Requests.Chrome, host = "shop.example", headers = request.Fields });
        string split = JsonSerializer.Serialize(new
        {
            ua = Requests.Chrome,
            host = "shop.example",
            headers = new Dictionary<string, object>
            {
                ["SIGNATURE-INPUT"] = new[] { "other=(\"date\");created=1", signer.Request(Requests.Now, nonce: "n2").Field("Signature-Input")! },
                ["signature"] = new[] { signer.Request(Requests.Now, nonce: "n2").Field("Signature")!, "other=:AAAA:" },
                ["Signature-Agent"] = request.Field("Signature-Agent")!,
            },
        });
        string wrongHost = JsonSerializer.Serialize(new { ua = Requests.Chrome, host = "other.example", headers = signer.Request(Requests.Now, nonce: "n3").Fields });
        string noHost = JsonSerializer.Serialize(new { ua = Requests.Chrome, headers = signer.Request(Requests.Now, nonce: "n4").Fields });
        string unsigned = JsonSerializer.Serialize(new { ua = Requests.Chrome, host = "shop.example", headers = new { Accept = "*/*" } });

        Assert.Equal(["chatgpt-agent verified signature", " not-claimed none", "chatgpt-agent verified signature", "chatgpt-agent spoofed signature", " not-claimed none"],
            Run(detector, line, unsigned, split, wrongHost, noHost));
        Assert.Equal([" not-claimed none"], Run(new Detector(Requests.Catalog), line));
    }

    private static List<string> Run(Detector detector, params string[] lines)
    {
        using var output = new MemoryStream();
        new LineClassifier(detector, Requests.Now.ToUnixTimeMilliseconds()).Run(new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines))), output);
        return Encoding.UTF8.GetString(output.ToArray()).TrimEnd().Split('\n').Select(text =>
        {
            var verdict = JsonDocument.Parse(text).RootElement;
            return $"{verdict.GetProperty("crawler").GetString()} {verdict.GetProperty("identity").GetString()} {verdict.GetProperty("identityMethod").GetString()}";
        }).ToList();
    }
}
