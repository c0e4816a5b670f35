using System.Buffers;
using Microsoft.Extensions.Primitives;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Identification;
using Weir.Detection.Identification.Signatures;
using Weir.Detection.Robots;
using Weir.Proxy.Connection;

namespace Weir.Fuzz;

/// <summary>Every reader that outside bytes reach before anything else has looked at them.</summary>
internal static class Targets
{
    // A hit of today, so that range lists may judge.
    private const long TimeMs = 1_795_000_000_000;

    private static readonly Lazy<Detector> Detector = new(() => new Detector(CrawlerCatalog.Load()));
    private static readonly Lazy<SigningKeyFile> Keys = new(() => SigningKeyFile.Read(
        """{"keys":[{"kty":"OKP","crv":"Ed25519","x":"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"}]}"""u8.ToArray(), out _)!);

    private static readonly Lazy<ClientAddressResolver> Resolver = new(CreateResolver);

    /// <summary>The targets by name.</summary>
    public static IReadOnlyDictionary<string, Target> All { get; } = new Dictionary<string, Target>(StringComparer.Ordinal)
    {
        ["user-agent"] = Target.OfText(ReadUserAgent),
        ["forwarded-for"] = Target.OfText(ReadForwarded),
        ["signature"] = Target.OfText(ReadSignature),
        ["key-set"] = new(ReadKeySet),
        ["range-list"] = new(ReadRangeList),
        ["robots"] = new(ReadRobots),
        ["ocsp"] = new(OcspTarget.Read),
        ["client-hello"] = new(ReadClientHello),
        ["proxy-header"] = new(ReadProxyHeader),
        ["html-head"] = new(WebTargets.ReadHtmlHead),
        ["cache-control"] = new(WebTargets.ReadCacheControl),
        ["spool"] = new(SpoolTarget.Read),
        ["access-log"] = new(AccessLogTarget.Read),
    };

    private static void ReadUserAgent(string userAgent)
    {
        var facts = new RequestFacts { TimeMs = TimeMs, UserAgent = userAgent, Path = "/", Referrer = userAgent, Host = "www.example.com" };
        var verdict = Detector.Value.Classify(facts);
        Target.Require(verdict.Score <= 100 && verdict.Confidence is >= 0 and <= 1, $"score {verdict.Score}, confidence {verdict.Confidence}");
        Target.Require(Detector.Value.Classify(facts) == verdict, "the cached reading differs from the first");
        foreach (var reason in verdict.Reasons)
            Target.Require(ReasonText.For(reason, verdict).Length > 0, $"{reason} has no sentence");
    }

    private static void ReadClientHello(byte[] records)
    {
        if (TlsFacts.Read(new ReadOnlySequence<byte>(records)) is { } facts)
            Target.Require(TlsFacts.TryParse(facts.Ja4, out _), $"{facts.Ja4} is no fingerprint");
    }

    // The last byte says where the bytes are cut: what comes in two packets must be read as what comes in one.
    private static void ReadProxyHeader(byte[] bytes)
    {
        var outcome = ProxyHeader.Read(bytes, out var header);
        Target.Require(outcome != ProxyHeaderRead.Whole || (header.Length <= bytes.Length && header.Length <= ProxyHeader.BinaryBytesMax), $"{header.Length} bytes were read of {bytes.Length}");
        if (bytes.Length == 0)
            return;
        var early = ProxyHeader.Read(bytes.AsSpan(0, Math.Min((int)bytes[^1], bytes.Length)), out var part);
        Target.Require(early == ProxyHeaderRead.Incomplete || early == outcome, $"{early} before {outcome}");
        Target.Require(early != ProxyHeaderRead.Whole || part == header, "more bytes made it another header");
    }

    private static void ReadForwarded(string value)
    {
        _ = ClientAddress.TryParse("10.0.0.1", out var peer);
        _ = Resolver.Value.Resolve(peer, new StringValues(value), default);
        _ = Resolver.Value.Resolve(peer, default, new StringValues(value));
        _ = Resolver.Value.Resolve(peer, new StringValues(value.Split('\n')), default);
    }

    // Three lines: Signature-Input, Signature, Signature-Agent; what follows is the Host.
    private static void ReadSignature(string value)
    {
        string[] lines = value.Split('\n', 4);
        // A budget far above what a search reaches, or the answer would depend on its speed.
        var check = new WebBotAuth(Keys.Value, TimeProvider.System, new WebBotAuthOptions { ChecksPerSecond = int.MaxValue, NoncesMax = 64 });
        var request = new SignedLines(lines);
        var answer = check.Check(request, 1_735_689_700_000);
        Target.Require(answer.Outcome == SignatureOutcome.None == (answer.Agent is null), $"{answer} names nobody, or somebody for nothing");
        Target.Require(check.Check(request, 0).Outcome != SignatureOutcome.Valid, "valid before it was made");
    }

    private static void ReadKeySet(byte[] content) =>
        Target.Require(SigningKeyFile.Read(content, out string? error) is null == (error is not null), "neither keys nor an error");

    private static void ReadRangeList(byte[] content)
    {
        var source = new RangeListSource
        {
            File = "fuzz.json",
            Operator = "nobody",
            RetrievedAt = DateTimeOffset.UnixEpoch,
            Confidence = RangeConfidence.Published,
            Scope = RangeScope.Crawler,
            IsComplete = true,
        };
        try
        {
            var list = RangeList.Read(source, content);
            Target.Require(list.Prefixes.Count > 0, "an empty list was taken");
        }
        catch (RangeListException error)
        {
            Target.Require(error.Message.Contains("fuzz.json", StringComparison.Ordinal), "the error does not name its file");
        }
    }

    private static void ReadRobots(byte[] content)
    {
        var file = RobotsFile.Parse(content);
        foreach (string name in new[] { "GPTBot", "a", "MJ12bot" })
        {
            // The input's own text is a path, too: the likeliest to match its rules.
            var answer = file.RulesFor(RobotsAgent.Named(name)).Decide("/" + System.Text.Encoding.Latin1.GetString(content));
            Target.Require(answer.Sentence.Length > 0, $"{answer.Basis} has no sentence");
            Target.Require((answer.Rule is null) == (answer.Basis != RobotsBasis.Rule), "a rule decided and is not named");
        }
        Target.Require(file.OtherCount >= file.Other.Count, "more lines are kept than were read");
    }

    private static ClientAddressResolver CreateResolver()
    {
        var trusted = new TrustedProxies([System.Net.IPNetwork.Parse("10.0.0.0/8"), System.Net.IPNetwork.Parse("fd00::/8")]);
        return new ClientAddressResolver(trusted, ForwardedHeader.XForwardedFor);
    }

    private sealed class SignedLines(string[] lines) : ISignedRequest
    {
        public string Method => "GET";

        public string Scheme => "https";

        public string Authority => Line(3) ?? "example.com";

        public string PathAndQuery => "/";

        public string? Field(string name) => name switch
        {
            "signature-input" => Line(0),
            "signature" => Line(1),
            "signature-agent" => Line(2),
            _ => null,
        };

        private string? Line(int number) => number < lines.Length ? lines[number] : null;
    }
}
