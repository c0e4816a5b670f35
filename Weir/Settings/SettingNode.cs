using System.Text;

namespace Weir.Settings;

/// <summary>What a setting was written as.</summary>
internal enum NodeKind
{
    Null,
    Text,
    Number,
    True,
    False,
    List,
    Object,
}

/// <summary>One value of the settings and where it stands, so that an error can point at it.</summary>
/// <param name="kind">What it was written as.</param>
/// <param name="at">Where: <c>weir.json:12:5</c>, an environment variable or a flag.</param>
internal sealed class SettingNode(NodeKind kind, string at)
{
    public NodeKind Kind { get; } = kind;

    public string At { get; } = at;

    /// <summary>Whether it stands in the file, so that relative paths are relative to the file.</summary>
    public bool IsFromFile { get; init; }

    /// <summary>The text, or a number's digits as written.</summary>
    public string Text { get; init; } = "";

    public List<SettingNode> Items { get; } = [];

    public List<SettingMember> Members { get; } = [];

    public SettingNode? Find(string name) => Members.Find(m => m.Name == name)?.Value;

    /// <summary>Adds a member, or gives an earlier one of that name a new value.</summary>
    public void Set(string name, string at, SettingNode value)
    {
        Members.RemoveAll(m => m.Name == name);
        Members.Add(new SettingMember(name, at, value));
    }

    /// <summary>The value in one canonical text, to see whether it changed. Holds secrets: never printed.</summary>
    public string Canonical()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    private void Write(StringBuilder text)
    {
        text.Append((int)Kind).Append(Text.Length).Append(':').Append(Text);
        foreach (var item in Items)
            item.Write(text.Append(','));
        foreach (var member in Members.OrderBy(m => m.Name, StringComparer.Ordinal))
            member.Value.Write(text.Append(';').Append(member.Name).Append('='));
    }
}

/// <summary>A named value of an object.</summary>
/// <param name="Name">Its name as written.</param>
/// <param name="At">Where the name stands.</param>
/// <param name="Value">Its value.</param>
internal sealed record SettingMember(string Name, string At, SettingNode Value);
