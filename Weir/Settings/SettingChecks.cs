namespace Weir.Settings;

/// <summary>Checks names and kinds: that every setting exists and was given what it takes. Meanings are the binder's.</summary>
internal static class SettingChecks
{
    /// <summary>Checks a value and all below it.</summary>
    public static void Check(SettingNode node, SettingKey key, string path, SettingErrors errors)
    {
        if (node.Kind == NodeKind.Null)
            return;
        switch (key.Kind)
        {
            case KeyKind.Object:
                CheckObject(node, key, path, errors);
                break;
            case KeyKind.Objects:
                if (Expect(node, NodeKind.List, path, "a list of objects, such as [{ … }]", errors))
                {
                    for (int i = 0; i < node.Items.Count; i++)
                        CheckObject(node.Items[i], key, $"{path}[{i}]", errors);
                }
                break;
            case KeyKind.TextsOrObjects:
                CheckTextsOrObjects(node, key, path, errors);
                break;
            case KeyKind.BooleanOrObject when node.Kind == NodeKind.Object:
                CheckObject(node, key, path, errors);
                break;
            case KeyKind.BooleanOrObject:
                if (node.Kind is not (NodeKind.True or NodeKind.False))
                    errors.Add(node.At, path, $"This is {Name(node.Kind)}.", "Write true or false, or an object: { … }.");
                break;
            case KeyKind.Texts:
                CheckTexts(node, path, errors);
                break;
            case KeyKind.Text:
                Expect(node, NodeKind.Text, path, "a text in double quotes", errors);
                break;
            case KeyKind.Integer:
                if (Expect(node, NodeKind.Number, path, "a whole number", errors) && !long.TryParse(node.Text, out _))
                    errors.Add(node.At, path, $"{node.Text} is not a whole number.", "Write digits only.");
                break;
            case KeyKind.Number:
                // An environment variable says its kind nowhere.
                if (Expect(node, NodeKind.Number, path, "a number", errors) && !Section.TryReadNumber(node.Text, out _))
                    errors.Add(node.At, path, $"{Printable(node.Text)} is not a number.", "Write digits and a point, such as 0.25.");
                break;
            case KeyKind.Switch:
                if (node.Kind is not (NodeKind.True or NodeKind.False or NodeKind.Text))
                    errors.Add(node.At, path, $"This is {Name(node.Kind)}.", "Write true, false, or a text in double quotes.");
                break;
            case KeyKind.Boolean:
                if (node.Kind is not (NodeKind.True or NodeKind.False))
                    errors.Add(node.At, path, "This is neither true nor false.", "Write true or false, without quotes.");
                break;
        }
    }

    private static void CheckObject(SettingNode node, SettingKey key, string path, SettingErrors errors)
    {
        if (!Expect(node, NodeKind.Object, path, "an object: { … }", errors))
            return;
        foreach (var member in node.Members)
        {
            string memberPath = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            if (key.Find(member.Name) is { } known)
                Check(member.Value, known, memberPath, errors);
            else
                errors.Add(member.At, memberPath, $"There is no setting '{Printable(member.Name)}' here.", MendName(member.Name, key));
        }
    }

    private static void CheckTextsOrObjects(SettingNode node, SettingKey key, string path, SettingErrors errors)
    {
        if (node.Kind == NodeKind.Text || !Expect(node, NodeKind.List, path, "a list, such as [\"…\", { … }]", errors))
            return;
        for (int i = 0; i < node.Items.Count; i++)
        {
            if (node.Items[i].Kind != NodeKind.Text)
                CheckObject(node.Items[i], key, $"{path}[{i}]", errors);
        }
    }

    private static void CheckTexts(SettingNode node, string path, SettingErrors errors)
    {
        // One text instead of a list of one is what people write first, and clear enough.
        if (node.Kind == NodeKind.Text || !Expect(node, NodeKind.List, path, "a list of texts, such as [\"…\"]", errors))
            return;
        for (int i = 0; i < node.Items.Count; i++)
            Expect(node.Items[i], NodeKind.Text, $"{path}[{i}]", "a text in double quotes", errors);
    }

    /// <summary>What to write instead of an unknown name.</summary>
    public static string MendName(string wrong, SettingKey key)
    {
        var names = key.Members.Select(m => m.Name).Where(n => n != "$schema").ToList();
        return NearestName.Of(wrong, names) is { } near ? $"Did you mean '{near}'?" : $"Known here: {string.Join(", ", names)}.";
    }

    private static bool Expect(SettingNode node, NodeKind kind, string path, string what, SettingErrors errors)
    {
        if (node.Kind == kind)
            return true;
        errors.Add(node.At, path, $"This is {Name(node.Kind)}.", $"Write {what}.");
        return false;
    }

    private static string Name(NodeKind kind) => kind switch
    {
        NodeKind.Null => "null",
        NodeKind.Text => "a text",
        NodeKind.Number => "a number",
        NodeKind.True or NodeKind.False => "true or false",
        NodeKind.List => "a list",
        NodeKind.Object => "an object",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    // A name from a file ends up on a terminal.
    private static string Printable(string name) => new([.. name.Take(60).Select(c => char.IsControl(c) ? '?' : c)]);
}
