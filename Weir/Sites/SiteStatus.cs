using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weir.Sites;

/// <summary>What a running edge says of its sites, in a file of the data folder, for <c>weir sites status</c>.</summary>
/// <param name="Written">When it said so.</param>
/// <param name="Sites">Sites served.</param>
/// <param name="Hosts">Hosts that lead to them.</param>
/// <param name="LastChange">When they last changed.</param>
/// <param name="Sources">Where they come from.</param>
/// <param name="Refused">Definitions that are not in force as written, a line each; the first <see cref="RefusedMax"/>.</param>
/// <param name="RefusedCount">How many there are.</param>
internal sealed record SiteStatus(
    DateTimeOffset Written, int Sites, int Hosts, DateTimeOffset LastChange, IReadOnlyList<SiteSourceStatus> Sources, IReadOnlyList<string> Refused, int RefusedCount)
{
    /// <summary>The file's name in the data folder.</summary>
    public const string FileName = "sites.status.json";

    /// <summary>Errors kept at most.</summary>
    public const int RefusedMax = 1000;

    /// <summary>The status now.</summary>
    public static SiteStatus Of(SitesInForce sites, SiteFreshness freshness, DateTimeOffset now) => sites.Under(set =>
    {
        var counts = set.InForce.Values.GroupBy(s => s.Place.Source).ToDictionary(g => g.Key, g => g.Count());
        var refused = set.Refusals.Select(r => TerminalText.Clean(r.Error.ToString(), 1000)).ToList();
        return new SiteStatus(now, set.InForce.Count, set.HostCount, sites.LastChange,
            [.. freshness.All.Select(f => new SiteSourceStatus(SiteFreshness.NameOf(f.Source), counts.GetValueOrDefault(f.Source), f.At))],
            [.. refused.Take(RefusedMax)], refused.Count);
    });

    /// <summary>Writes it.</summary>
    public void Write(string folder) => PrivateText.Write(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, SiteStatusJson.Default.SiteStatus));

    /// <summary>Reads what an edge wrote last; null when none did.</summary>
    /// <exception cref="CommandException">The file cannot be read.</exception>
    public static SiteStatus? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllText(path), SiteStatusJson.Default.SiteStatus) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new CommandException($"{path} cannot be read: {e.Message.TrimEnd('.')}. Run this as the account that runs the edge; a running edge writes the file anew.", e);
        }
    }
}

/// <summary>One source of sites.</summary>
/// <param name="Source">Its name.</param>
/// <param name="Sites">Sites served of it.</param>
/// <param name="Seen">When it was last read in good order.</param>
internal sealed record SiteSourceStatus(string Source, int Sites, DateTimeOffset Seen);

/// <summary>Reads and writes the status.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(SiteStatus))]
internal sealed partial class SiteStatusJson : JsonSerializerContext;
