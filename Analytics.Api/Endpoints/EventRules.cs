using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Weir.Analytics.Api.Reports;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Checks the form of posted events; whether the tenant has what they are about, the store says.</summary>
/// <param name="engines">Known engines.</param>
/// <param name="hosts">The tenant's sites by their hosts.</param>
/// <param name="isNarrow">Whether the caller opens some sites only.</param>
/// <param name="now">The time.</param>
internal sealed class EventRules(EngineCatalog engines, SiteHosts hosts, bool isNarrow, DateTimeOffset now)
{
    private const int KeyLength = 200, NoteLength = 1000, TextLength = 1000;

    // A sender's clock may be ahead; and what is older than this is no news to anybody.
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5), Oldest = TimeSpan.FromDays(90);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
    };

    // Most events name no address, and an agency has thousands of hosts.
    private static readonly SiteHosts NoHosts = new([], []);

    /// <summary>The hosts that are needed to read some events: none where no event is aimed at an address.</summary>
    public static async Task<SiteHosts> HostsAsync(IReadOnlyList<JsonElement> events, string tenant, SqlSiteHosts hosts, CancellationToken stop) =>
        events.Any(e => Member(e, "aim") is { } aim && Member(aim, "url") is not null) ? await hosts.OfAsync(tenant, stop) : NoHosts;

    /// <summary>Reads one event.</summary>
    public EventDraft Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return new EventDraft(null, null, [new FieldError("", "Write an object with key, kind, strength, at, aim and note.")]);
        try
        {
            return Read(json.Deserialize<EventBody>(Json)!);
        }
        catch (JsonException e)
        {
            string field = e.Path?.TrimStart('$').TrimStart('.') ?? "";
            return new EventDraft(null, null, [new FieldError(field, "Not a field of an event, or a value of the wrong type. Fields: key, kind, strength, at, note, "
                + "aim (brand, query, topic, engine, site, path, url).")]);
        }
    }

    private EventDraft Read(EventBody body)
    {
        var errors = new List<FieldError>();
        string key = Text("key", body.Key, KeyLength, errors) ?? $"unnamed-{Guid.NewGuid():n}";
        var kind = EventKinds.OfPosted(body.Kind);
        if (kind is null)
            errors.Add(new FieldError("kind", $"Write one of: {string.Join(", ", EventKinds.Posted)}."));
        var strength = EventKinds.StrengthOf(body.Strength ?? EventStrength.Medium.Name());
        if (strength is null)
            errors.Add(new FieldError("strength", $"Write one of: {string.Join(", ", EventKinds.Strengths)}."));
        var at = At(body.At, errors);
        var aim = Aim(body.Aim ?? new EventAimBody(), errors);
        string? note = Text("note", body.Note, NoteLength, errors);
        return errors.Count > 0 ? new EventDraft(body.Key, null, errors) : new EventDraft(key, new NewEvent(key, kind!.Value, strength!.Value, at, aim, note), []);
    }

    private DateTimeOffset At(string? text, List<FieldError> errors)
    {
        if (text is null)
            return now;
        if (!TimeRange.TryParseTime(text, out var at))
            errors.Add(new FieldError("at", "Write a time such as 2026-01-31T09:00:00Z."));
        else if (at > now + Ahead || at < now - Oldest)
            errors.Add(new FieldError("at", string.Create(CultureInfo.InvariantCulture, $"Write a time of the last {Oldest.TotalDays:0} days that is not in the future; it is {now:u} here.")));
        return at > now ? now : at;
    }

    private EventAim Aim(EventAimBody body, List<FieldError> errors)
    {
        string? engine = Text("aim.engine", body.Engine, TextLength, errors);
        if (engine is not null && !engines.IsKnown(engine))
            errors.Add(new FieldError("aim.engine", $"No crawler of the catalog feeds an engine of this name. Known: {string.Join(", ", engines.Engines)}."));
        var aim = new EventAim
        {
            Brand = Text("aim.brand", body.Brand, TextLength, errors),
            Query = Text("aim.query", body.Query, TextLength, errors),
            Topic = Text("aim.topic", body.Topic, TextLength, errors),
            Engine = engine,
        };
        aim = body.Url is not null ? OfUrl(aim, body, errors) : OfPath(aim, body, errors);
        if (aim == new EventAim() && errors.Count == 0)
            errors.Add(new FieldError("aim", "Say what it is about: brand, query, topic, engine, site and path, or url."));
        if (isNarrow && aim.Path is null && errors.Count == 0)
            errors.Add(new FieldError("aim", "This key opens some sites only: name a page of one of them with site and path."));
        return aim;
    }

    private static EventAim OfPath(EventAim aim, EventAimBody body, List<FieldError> errors)
    {
        if (body.Site is null && body.Path is null)
            return aim;
        if (!SiteId.TryParse(body.Site?.Trim(), null, out var site))
            errors.Add(new FieldError("aim.site", "Name the site of the page, as GET /v1/sites lists it."));
        if (body.Path is not { Length: > 0 and <= PagePattern.MaxLength } path || path[0] != '/' || path.Any(char.IsControl))
            errors.Add(new FieldError("aim.path", "Write a path with its leading slash, such as /pricing."));
        return aim with { Site = site.Value, Path = body.Path };
    }

    private EventAim OfUrl(EventAim aim, EventAimBody body, List<FieldError> errors)
    {
        if (body.Site is not null || body.Path is not null)
            errors.Add(new FieldError("aim.url", "Write either url, or site and path."));
        if (!Uri.TryCreate(body.Url?.Trim(), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.AbsolutePath.Length > PagePattern.MaxLength)
        {
            errors.Add(new FieldError("aim.url", "Write a whole address such as https://www.example.com/pricing."));
            return aim;
        }
        if (hosts.Find(url.IdnHost) is not { } site)
        {
            errors.Add(new FieldError("aim.url", "Its host is none of a site of yours. GET /v1/sites lists them; write site and path instead."));
            return aim;
        }
        return aim with { Site = site.Value, Path = url.AbsolutePath };
    }

    private static JsonElement? Member(JsonElement json, string name)
    {
        if (json.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in json.EnumerateObject())
            {
                if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                    return member.Value;
            }
        }
        return null;
    }

    private static string? Text(string field, string? value, int lengthMax, List<FieldError> errors)
    {
        string? text = value?.Trim();
        if (text is { Length: 0 } || text?.Length > lengthMax || text?.Any(char.IsControl) == true)
            errors.Add(new FieldError(field, $"Write 1 to {lengthMax} characters on one line, or leave it out."));
        return text;
    }
}

/// <summary>A posted event as far as it could be read.</summary>
/// <param name="Key">Its key; null when it has none that could be read.</param>
/// <param name="Event">The event; null when there are errors.</param>
/// <param name="Errors">What is wrong with it.</param>
internal sealed record EventDraft(string? Key, NewEvent? Event, IReadOnlyList<FieldError> Errors);
