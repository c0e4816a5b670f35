using System.Globalization;

namespace Weir.Settings;

/// <summary>A setting given outside the file.</summary>
/// <param name="At">Where: the environment variable or the flag.</param>
/// <param name="Path">Names and list places, such as <c>clickhouse</c>, <c>url</c> or <c>sites</c>, <c>0</c>, <c>id</c>.</param>
/// <param name="Value">Its value as text; a list of texts may be one text with commas.</param>
internal sealed record SettingOverride(string At, IReadOnlyList<string> Path, string Value)
{
    /// <summary>Environment variables of Weir begin so; two underscores stand for a step down.</summary>
    public const string EnvironmentPrefix = "WEIR__";

    /// <summary>A flag that sets a path written with dots.</summary>
    public static SettingOverride Flag(string flag, string path, string value) => new(flag, path.Split('.'), value);

    /// <summary>The variables of an environment that are settings, in a stable order.</summary>
    public static IReadOnlyList<SettingOverride> FromEnvironment(IEnumerable<KeyValuePair<string, string>> environment) =>
        [.. environment
            .Where(v => v.Key.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase))
            .OrderBy(v => v.Key, StringComparer.OrdinalIgnoreCase)
            .Select(v => new SettingOverride(v.Key, v.Key[EnvironmentPrefix.Length..].Split("__"), v.Value))];
}

/// <summary>Puts overrides into the tree that was read from the file.</summary>
internal static class SettingOverrides
{
    // A place beyond this is a mistyped number, not a list.
    private const int MaxPlace = 100_000;

    /// <summary>Sets one override; later ones win.</summary>
    public static void Apply(SettingNode root, SettingOverride given, SettingErrors errors)
    {
        var node = root;
        var key = SettingKey.Root;
        string path = "";
        for (int i = 0; i < given.Path.Count; i++)
        {
            if (key.Find(given.Path[i], ignoresCase: true) is not { } next)
            {
                errors.Add(given.At, path, $"There is no setting '{given.Path[i]}' here.", SettingChecks.MendName(given.Path[i], key));
                return;
            }
            path = path.Length == 0 ? next.Name : $"{path}.{next.Name}";
            bool isLast = i == given.Path.Count - 1;
            if (isLast)
            {
                node.Set(next.Name, given.At, ValueOf(given, next));
                return;
            }
            if (next.Kind is KeyKind.Texts or KeyKind.Objects or KeyKind.TextsOrObjects)
            {
                if (!TryStepIntoList(ref node, next, given, ref i, ref path, errors))
                    return;
                if (next.Kind == KeyKind.Texts || i == given.Path.Count - 1 && next.Kind == KeyKind.TextsOrObjects)
                    return;
            }
            else
            {
                node = ObjectIn(node, next.Name, given.At);
            }
            key = next;
        }
        errors.Add(given.At, path, "This names a group, not a setting.", SettingChecks.MendName("", key));
    }

    private static bool TryStepIntoList(
        ref SettingNode node, SettingKey key, SettingOverride given, ref int i, ref string path, SettingErrors errors)
    {
        var list = node.Find(key.Name) is { Kind: NodeKind.List } earlier ? earlier : new SettingNode(NodeKind.List, given.At);
        node.Set(key.Name, given.At, list);
        string place = given.Path[++i];
        if (!int.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out int n) || n > MaxPlace || n > list.Items.Count)
        {
            errors.Add(given.At, path, $"'{place}' is no place in this list of {list.Items.Count}.", $"Write 0 to {list.Items.Count}.");
            return false;
        }
        path = $"{path}[{n}]";
        if (n == list.Items.Count)
            list.Items.Add(new SettingNode(NodeKind.Object, given.At));
        if (key.Kind == KeyKind.Texts || key.Kind == KeyKind.TextsOrObjects && i == given.Path.Count - 1)
            list.Items[n] = new SettingNode(NodeKind.Text, given.At) { Text = given.Value };
        else
            node = list.Items[n] = AsObject(list.Items[n], key);
        return true;
    }

    // An origin written as its URL alone becomes an object when more is said of it.
    private static SettingNode AsObject(SettingNode item, SettingKey key)
    {
        if (key.Kind != KeyKind.TextsOrObjects || item.Kind != NodeKind.Text)
            return item;
        var made = new SettingNode(NodeKind.Object, item.At) { IsFromFile = item.IsFromFile };
        made.Set(key.Members[0].Name, item.At, item);
        return made;
    }

    private static SettingNode ObjectIn(SettingNode node, string name, string at)
    {
        if (node.Find(name) is { Kind: NodeKind.Object } earlier)
            return earlier;
        var made = new SettingNode(NodeKind.Object, at);
        node.Set(name, at, made);
        return made;
    }

    private static SettingNode ValueOf(SettingOverride given, SettingKey key)
    {
        string text = given.Value.Trim();
        switch (key.Kind)
        {
            case KeyKind.Integer or KeyKind.Number:
                return new SettingNode(NodeKind.Number, given.At) { Text = text };
            case KeyKind.Boolean or KeyKind.Switch or KeyKind.BooleanOrObject when bool.TryParse(text, out bool isTrue):
                return new SettingNode(isTrue ? NodeKind.True : NodeKind.False, given.At);
            case KeyKind.Texts or KeyKind.TextsOrObjects:
                var list = new SettingNode(NodeKind.List, given.At);
                foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                    list.Items.Add(new SettingNode(NodeKind.Text, given.At) { Text = part });
                return list;
            default:
                return new SettingNode(NodeKind.Text, given.At) { Text = given.Value };
        }
    }
}
