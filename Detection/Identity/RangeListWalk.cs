using System.Text.Json;

namespace Weir.Detection.Identification;

/// <summary>Collects the prefixes of a JSON range list, whatever it wraps them in.</summary>
internal sealed class RangeListWalk(string file)
{
    private readonly List<Prefix> _prefixes = [];

    public IReadOnlyList<Prefix> Prefixes => _prefixes;

    public DateTimeOffset? CreatedAt { get; private set; }

    /// <summary>Reads the document, or one member of it. The creation time may stand outside that member.</summary>
    public void Read(JsonElement root, string? section)
    {
        if (section is null)
        {
            ThrowIfSeveralProducts(root);
            Walk(root, "$");
            return;
        }
        ReadTimes(root);
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(section, out var part))
            throw new RangeListException(RefusalReason.Unreadable, file, "$", $"there is no member '{section}'.", "Correct 'section' in rangeLists.");
        if (part.ValueKind == JsonValueKind.Array)
            ReadList(part, $"$.{section}");
        else
            Walk(part, $"$.{section}");
    }

    // Datadog and Stripe put products that never visit a site beside the one that does; taking all would verify strangers.
    private void ThrowIfSeveralProducts(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            return;
        int products = 0;
        foreach (var member in root.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Object && HasPrefixLists(member.Value))
                products++;
            else if (member.Value.ValueKind == JsonValueKind.Array && !IsPrefixListName(member.Name) && IsPrefixTexts(member.Value))
                products++;
        }
        if (products > 1)
        {
            throw new RangeListException(RefusalReason.Unreadable, file, "$", "the file serves several products.",
                "Name the one that visits sites as 'section' in rangeLists.");
        }
    }

    private static bool HasPrefixLists(JsonElement value)
    {
        foreach (var member in value.EnumerateObject())
        {
            if (IsPrefixListName(member.Name))
                return true;
        }
        return false;
    }

    private static bool IsPrefixTexts(JsonElement array)
    {
        foreach (var item in array.EnumerateArray())
            return item.ValueKind == JsonValueKind.String && Prefix.TryParse(item.GetString(), out _);
        return false;
    }

    private void Walk(JsonElement element, string path)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            ReadTimes(element);
            foreach (var member in element.EnumerateObject())
                WalkMember(member, path);
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            if (IsPrefixTexts(element))
            {
                ReadList(element, path);
                return;
            }
            int i = 0;
            foreach (var item in element.EnumerateArray())
                Walk(item, $"{path}[{i++}]");
        }
    }

    private void WalkMember(JsonProperty member, string path)
    {
        string place = $"{path}.{member.Name}";
        if (IsPrefixName(member.Name) && member.Value.ValueKind == JsonValueKind.String)
            Add(member.Value, place);
        else if (IsPrefixListName(member.Name) && member.Value.ValueKind == JsonValueKind.Array && !HoldsObjects(member.Value))
            ReadList(member.Value, place);
        else if (!member.Name.EndsWith("_by_location", StringComparison.Ordinal)) // Datadog says the same again by place
            Walk(member.Value, place);
    }

    private static bool HoldsObjects(JsonElement array)
    {
        foreach (var item in array.EnumerateArray())
            return item.ValueKind is JsonValueKind.Object or JsonValueKind.Array;
        return false;
    }

    private void ReadList(JsonElement array, string place)
    {
        int i = 0;
        foreach (var item in array.EnumerateArray())
            Add(item, $"{place}[{i++}]");
    }

    private void Add(JsonElement item, string place)
    {
        string? text = item.ValueKind == JsonValueKind.String ? item.GetString() : item.GetRawText();
        if (!Prefix.TryParse(text, out var prefix))
            throw RangeListReader.NotAPrefix(file, place, text);
        _prefixes.Add(prefix);
    }

    private void ReadTimes(JsonElement element)
    {
        if (CreatedAt is not null || element.ValueKind != JsonValueKind.Object)
            return;
        foreach (var member in element.EnumerateObject())
        {
            if (member.Name is "creationTime" or "creationDate" or "modified" or "createdAt"
                && member.Value.ValueKind == JsonValueKind.String && RangeListReader.TryReadTime(member.Value.GetString(), out var time))
            {
                CreatedAt = time;
                return;
            }
        }
    }

    // Google and those who follow it; AWS; Atlassian.
    private static bool IsPrefixName(string name) => name is "ipv4Prefix" or "ipv6Prefix" or "ip_prefix" or "ipv6_prefix" or "cidr" or "prefix";

    // Datadog; MISP; mirrors.
    private static bool IsPrefixListName(string name) => name is "prefixes_ipv4" or "prefixes_ipv6" or "list" or "prefixes" or "ips" or "addresses";
}
