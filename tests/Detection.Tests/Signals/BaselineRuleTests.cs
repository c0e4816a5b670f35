using Weir.Detection;
using Weir.Detection.Signals;

namespace Weir.Tests.Signals;

public class BaselineRuleTests
{
    [Theory]
    [InlineData(0, 0, false, false, 0, 0.5)]    // nobody did anything, and half the sum is there
    [InlineData(101, 0, true, true, 500, 0.3)]
    [InlineData(100, 50, true, true, 500, 0)]
    [InlineData(0, 51, true, true, 500, 0.2)]
    [InlineData(0, 0, false, true, 500, 0.2)]
    [InlineData(0, 0, true, false, 500, 0.1)]
    [InlineData(0, 0, true, true, 499, 0.2)]
    [InlineData(101, 51, false, false, 0, 1)]
    public void Each_threshold_adds_its_share(int requests, int pages, bool ranScript, bool sentCookie, int responseMs, double expected) =>
        Assert.Equal(expected, BaselineRule.Score(requests, pages, ranScript, sentCookie, responseMs), 3);

    [Theory]
    [InlineData(BehaviourPreset.Baseline, true)]
    [InlineData(BehaviourPreset.Weir, false)]
    public void The_preset_decides_which_rule_makes_reasons(BehaviourPreset preset, bool isCalled)
    {
        var detector = new Detector(Requests.Catalog, new ClientWindows(64)) { Behaviour = preset };
        var client = Requests.Address("203.0.113.9");
        Verdict verdict = default;
        for (int i = 0; i < 130; i++)
        {
            long now = Requests.Now.ToUnixTimeMilliseconds() + (i * 1000);
            verdict = detector.Classify(new RequestFacts { TimeMs = now, ClientAddress = client, Path = "/feed.xml", UserAgent = Requests.Chrome });
            detector.Complete(new RequestOutcome { TimeMs = now, ClientAddress = client, Path = "/feed.xml", Status = 200 });
        }

        Assert.Equal(isCalled, verdict.Reasons.Has(Reason.RequestRateHigh));
    }
}
