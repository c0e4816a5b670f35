using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Weir.Settings;

namespace Weir.Sites;

/// <summary>The sites in force as an earlier moment left them on disk, so that a start without their sources serves them: one file of the
/// data folder, for its owner alone (mode 0600).</summary>
/// <remarks>One JSON object: <c>format</c> (1), <c>saved</c>, <c>sha256</c> of the text of <c>sites</c>, and <c>sites</c>, each with its
/// source, its place and its definition. The file's time says when all sources were last seen to agree with it.</remarks>
internal static class LastGoodSites
{
    /// <summary>The file's name in the data folder.</summary>
    public const string FileName = "sites.last-good.json";

    private const int Format = 1;

    // 100,000 sites of some kilobytes; more was not written by this program.
    private const long BytesMax = 512L << 20;

    /// <summary>Reads what was kept.</summary>
    /// <param name="folder">Data folder.</param>
    /// <param name="around">What sites are judged by beside themselves.</param>
    /// <param name="trouble">Why the file, or a part of it, cannot be used; null when all is well or there is none.</param>
    /// <returns>The sites by their places; null when there is nothing to use.</returns>
    public static (DateTimeOffset At, IReadOnlyList<PlaceReading> Places)? Read(string folder, SiteSurroundings around, out string? trouble)
    {
        trouble = null;
        var file = new FileInfo(Path.Combine(folder, FileName));
        if (!file.Exists)
            return null;
        try
        {
            if (file.Length > BytesMax)
                throw new JsonException($"it is larger than {BytesMax} bytes.");
            using var json = JsonDocument.Parse(File.ReadAllBytes(file.FullName));
            return (new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero), Read(json.RootElement, around, ref trouble));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            trouble = e is JsonException ? $"It was not written whole: {e.Message}" : e.Message;
            return null;
        }
    }

    /// <summary>Keeps what is in force, so that a reader sees the old file or the whole new one.</summary>
    /// <exception cref="IOException">The disk is full or the folder gone.</exception>
    /// <exception cref="UnauthorizedAccessException">This account may not write there.</exception>
    public static void Write(string folder, IReadOnlyCollection<SiteInForce> sites, DateTimeOffset now)
    {
        string list = List(sites);
        string sum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(list)));
        PrivateText.Write(Path.Combine(folder, FileName), $$"""{"format":{{Format}},"saved":"{{now:O}}","sha256":"{{sum}}","sites":{{list}}}""");
    }

    private static string List(IReadOnlyCollection<SiteInForce> sites)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartArray();
            // What a flag or the program itself defines needs no keeping.
            foreach (var site in sites.Where(s => s.Placed.Json.Length > 0).OrderBy(s => s.Place).ThenBy(s => s.Id.Value, StringComparer.Ordinal))
            {
                json.WriteStartObject();
                json.WriteString("source", SiteFreshness.NameOf(site.Place.Source));
                json.WriteString("place", site.Place.Name);
                json.WritePropertyName("site");
                json.WriteRawValue(site.Placed.Json);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static List<PlaceReading> Read(JsonElement root, SiteSurroundings around, ref string? trouble)
    {
        if (root.GetProperty("format").GetInt32() is var format && format != Format)
            throw new FormatException($"It has format {format}, and this program reads {Format}.");
        var sites = root.GetProperty("sites");
        if (Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sites.GetRawText()))) != root.GetProperty("sha256").GetString())
            throw new FormatException("Its checksum is wrong.");
        var places = new Dictionary<SitePlace, List<PlacedSite>>();
        foreach (var kept in sites.EnumerateArray())
        {
            var place = new SitePlace(SourceOf(kept.GetProperty("source").GetString()), kept.GetProperty("place").GetString() ?? "");
            var errors = new SettingErrors();
            var read = SiteDefinitions.ReadFile(Encoding.UTF8.GetBytes(kept.GetProperty("site").GetRawText()), $"{FileName} ({place.Name})", around, errors);
            if (errors.All.Count > 0)
                trouble = $"A site in it cannot be served by this program: {errors.All[0]}";
            else if (places.TryGetValue(place, out var beside))
                beside.AddRange(read);
            else
                places[place] = [.. read];
        }
        return [.. places.Select(p => PlaceReading.Good(p.Key, p.Value))];
    }

    private static SiteSource SourceOf(string? name) => name switch
    {
        "settings" => SiteSource.Settings,
        "folder" => SiteSource.Folder,
        "control" => SiteSource.Control,
        _ => throw new FormatException($"It names a source '{name}'."),
    };
}
