using Microsoft.Extensions.Primitives;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Identification;
using Weir.Proxy.Connection;

namespace Weir.Fuzz;

/// <summary>Every reader that outside bytes reach before anything else has looked at them.</summary>
internal static class Targets
{
    // A hit of today, so that range lists may judge.
    private const long TimeMs = 1_795_000_000_000;

    private static readonly Lazy<Detector> Detector = new(() => new Detector(CrawlerCatalog.Load()));
    private static readonly Lazy<ClientAddressResolver> Resolver = new(CreateResolver);

    /// <summary>The targets by name.</summary>
    public static IReadOnlyDictionary<string, Target> All { get; } = new Dictionary<string, Target>(StringComparer.Ordinal)
    {
        ["user-agent"] = Target.OfText(ReadUserAgent),
        ["forwarded-for"] = Target.OfText(ReadForwarded),
        ["range-list"] = new(ReadRangeList),
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

    private static void ReadForwarded(string value)
    {
        _ = ClientAddress.TryParse("10.0.0.1", out var peer);
        _ = Resolver.Value.Resolve(peer, new StringValues(value), default);
        _ = Resolver.Value.Resolve(peer, default, new StringValues(value));
        _ = Resolver.Value.Resolve(peer, new StringValues(value.Split('\n')), default);
    }

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

    private static ClientAddressResolver CreateResolver()
    {
        var trusted = new TrustedProxies([System.Net.IPNetwork.Parse("10.0.0.0/8"), System.Net.IPNetwork.Parse("fd00::/8")]);
        return new ClientAddressResolver(trusted, ForwardedHeader.XForwardedFor);
    }
}
