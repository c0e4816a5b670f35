using Weir.Detection.Catalog;
using Weir.Ingest;
using Weir.Ingest.Buffering;
using Weir.Storage.Traffic;

namespace Weir.Storage.Measuring;

/// <summary>What handing a hit over costs a request, while another core hands over too.</summary>
internal static class ChannelWrites
{
    private const int HitsOfWriter = 30_000, Rounds = 200;

    /// <summary>Nanoseconds of one <see cref="HitChannel.TryWrite"/>: the median of many rounds, each timed on both writers.</summary>
    public static double Measure(CrawlerCatalog catalog)
    {
        var traffic = new TrafficSource(catalog, 10_000, 1);
        var hits = new Hit[1024];
        for (int i = 0; i < hits.Length; i++)
            traffic.Next(out hits[i]);
        var channel = new HitChannel(65_536, new LossCounters());
        using var together = new Barrier(2);
        var times = new List<double>();
        for (int round = 0; round < Rounds; round++)
        {
            var other = Task.Run(() => Write(channel, hits, together));
            double mine = Write(channel, hits, together);
            times.Add((mine + other.GetAwaiter().GetResult()) / 2);
            while (channel.Reader.TryRead(out _))
            {
            }
        }
        times.Sort();
        return times[times.Count / 2];
    }

    private static double Write(HitChannel channel, Hit[] hits, Barrier together)
    {
        together.SignalAndWait();
        long began = TimeProvider.System.GetTimestamp();
        for (int i = 0; i < HitsOfWriter; i++)
            channel.TryWrite(in hits[i & 1023]);
        return TimeProvider.System.GetElapsedTime(began).TotalNanoseconds / HitsOfWriter;
    }
}
