using System.Text.Json;
using Weir.Micro.Operations;
using Weir.Reporting;

namespace Weir.Micro;

/// <summary>How long the detectors of the Node world take for one user agent, over the texts that Weir is timed on.</summary>
/// <param name="NodeVersion">Version of Node.</param>
/// <param name="Nanoseconds">For one user agent, by "name version".</param>
internal sealed record PeerTimes(string NodeVersion, Dictionary<string, double> Nanoseconds)
{
    public static PeerTimes Measure(bool isQuick)
    {
        string input = JsonSerializer.Serialize(new { userAgents = new UserAgentTexts(1024, botShare: 0.2).ToStrings(), ms = isQuick ? 300 : 600 });
        using var json = JsonDocument.Parse(NodeScripts.Peers.Run("time.mjs", input));
        return new PeerTimes(
            json.RootElement.GetProperty("node").GetString()!,
            json.RootElement.GetProperty("answers").EnumerateArray().ToDictionary(
                a => $"{a.GetProperty("name").GetString()} {a.GetProperty("version").GetString()}",
                a => a.GetProperty("ns").GetDouble(), StringComparer.Ordinal));
    }
}
