using System.Globalization;

namespace Weir.Settings;

/// <summary>An object of the settings as the binder reads it. Kinds were checked before: a value of a wrong kind reads as not given.</summary>
internal readonly record struct Section(SettingNode? Node, string Path, SettingErrors Errors)
{
    /// <summary>Where the object stands, for what is missing in it.</summary>
    public string At => Node?.At ?? "";

    /// <summary>The path of a member.</summary>
    public string PathOf(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    /// <summary>An object inside; empty when not given.</summary>
    public Section Object(string name) => new(Node?.Find(name) is { Kind: NodeKind.Object } node ? node : null, PathOf(name), Errors);

    /// <summary>Objects of a list.</summary>
    public IEnumerable<Section> Objects(string name)
    {
        var list = Node?.Find(name);
        for (int i = 0; i < (list?.Items.Count ?? 0); i++)
        {
            if (list!.Items[i].Kind == NodeKind.Object)
                yield return new Section(list.Items[i], $"{PathOf(name)}[{i}]", Errors);
        }
    }

    /// <summary>A value as it was given; null when it was not.</summary>
    public Given? Text(string name) =>
        Node?.Find(name) is { Kind: NodeKind.Text } node ? new Given(node, PathOf(name), Errors) : null;

    /// <summary>Texts of a list, or the one text given in its place.</summary>
    public IEnumerable<Given> Texts(string name)
    {
        if (Text(name) is { } only)
        {
            yield return only;
            yield break;
        }
        var list = Node?.Find(name);
        for (int i = 0; i < (list?.Items.Count ?? 0); i++)
        {
            if (list!.Items[i].Kind == NodeKind.Text)
                yield return new Given(list.Items[i], $"{PathOf(name)}[{i}]", Errors);
        }
    }

    /// <summary>Whether a value other than null was given.</summary>
    public bool Has(string name) => Node?.Find(name) is { } node && node.Kind != NodeKind.Null;

    /// <summary>True or false.</summary>
    public bool Boolean(string name, bool otherwise) => Node?.Find(name)?.Kind switch
    {
        NodeKind.True => true,
        NodeKind.False => false,
        _ => otherwise,
    };

    /// <summary>A whole number within bounds.</summary>
    public long? Integer(string name, long min, long max)
    {
        if (Node?.Find(name) is not { Kind: NodeKind.Number } node || !long.TryParse(node.Text, out long value))
            return null;
        if (value >= min && value <= max)
            return value;
        Errors.Add(node.At, PathOf(name), $"{value} is out of range.", $"Write a number from {min} to {max}.");
        return null;
    }

    /// <summary>A whole number within bounds, or its default.</summary>
    public int Integer(string name, int min, int max, int otherwise) => (int)(Integer(name, min, max) ?? otherwise);

    /// <summary>A number within bounds, or its default.</summary>
    public double Number(string name, double min, double max, double otherwise)
    {
        if (Node?.Find(name) is not { Kind: NodeKind.Number } node || !TryReadNumber(node.Text, out double value))
            return otherwise;
        if (value >= min && value <= max)
            return value;
        Errors.Add(node.At, PathOf(name), $"{node.Text} is out of range.",
            string.Create(CultureInfo.InvariantCulture, $"Write a number from {min} to {max}."));
        return otherwise;
    }

    /// <summary>Reads a number as JSON writes it.</summary>
    public static bool TryReadNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value)
        && double.IsFinite(value);

    /// <summary>Whole seconds within bounds, or the default.</summary>
    public TimeSpan Seconds(string name, int max, TimeSpan otherwise) =>
        Integer(name, 1, max) is { } seconds ? TimeSpan.FromSeconds(seconds) : otherwise;
}

/// <summary>One text and where it stands.</summary>
internal readonly record struct Given(SettingNode Node, string Path, SettingErrors Errors)
{
    public string Value => Node.Text;

    /// <summary>Notes that it cannot be used.</summary>
    public void Refuse(string what, string mend) => Errors.Add(Node.At, Path, what, mend);
}
