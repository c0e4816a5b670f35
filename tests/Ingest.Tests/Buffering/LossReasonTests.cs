using Weir.Ingest.Buffering;

namespace Weir.Ingest.Tests.Buffering;

public class LossReasonTests
{
    [Fact]
    public void Numbers_and_names_are_persisted_and_never_change()
    {
        Assert.Equal(
            ["0 none", "1 channel-full", "2 spool-full", "3 row-refused", "4 shutdown-timeout", "5 spool-damaged"],
            Enum.GetValues<LossReason>().Select(r => $"{(byte)r} {r.Name()}"));
    }

    [Fact]
    public void Every_reason_has_a_sentence_of_its_own()
    {
        var sentences = Enum.GetValues<LossReason>().Select(r => r.Sentence()).ToList();
        Assert.All(sentences, s => Assert.EndsWith(".", s, StringComparison.Ordinal));
        Assert.Equal(sentences.Count, sentences.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Counts_are_kept_by_reason_and_site_from_many_threads()
    {
        var losses = new LossCounters();
        var other = Weir.Detection.SiteId.Parse("other.example");
        Parallel.For(0, 10_000, i => losses.Count(i % 2 == 0 ? LossReason.ChannelFull : LossReason.RowRefused, i % 5 == 0 ? other : Hits.Site));
        Assert.Equal(10_000, losses.Total);
        Assert.Equal(4, losses.All().Count());
        Assert.Equal(1_000, losses.All().Single(l => l.Reason == LossReason.ChannelFull && l.Site == other).Count);
    }
}
