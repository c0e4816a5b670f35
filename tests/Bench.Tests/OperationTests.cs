using Weir.Detection;
using Weir.Micro.Operations;

namespace Weir.Bench.Tests;

/// <summary>The operations measure what they are named for.</summary>
public class OperationTests
{
    [Fact]
    public void The_requests_of_the_header_benchmark_are_an_ordinary_browsers()
    {
        var detector = new Detector(SharedCatalog.Value);

        // A contradiction would cut the work short, and the figure would be that of an odd request.
        Assert.All(new UserAgentTexts(64, botShare: 0).ToStrings(), userAgent =>
        {
            var verdict = detector.Classify(new RequestFacts { TimeMs = 0, Method = "GET", UserAgent = userAgent, Headers = ClassifyHeaders.Browser });
            Assert.Equal(VerdictKind.LikelyHuman, verdict.Kind);
            Assert.False(verdict.Reasons.Has(Reason.ClientHintsContradict));
        });
    }

    [Fact]
    public void Bots_and_browsers_of_the_benchmarks_are_told_apart()
    {
        var detector = new Detector(SharedCatalog.Value);
        bool IsAutomated(string userAgent) => detector.Classify(new RequestFacts { TimeMs = 0, UserAgent = userAgent }).IsAutomated;

        Assert.All(new UserAgentTexts(64, botShare: 1).ToStrings(), userAgent => Assert.True(IsAutomated(userAgent), userAgent));
        Assert.All(new UserAgentTexts(64, botShare: 0).ToStrings(), userAgent => Assert.False(IsAutomated(userAgent), userAgent));
    }
}
