namespace Weir.Detection.Identification.Signatures;

/// <summary>Which type of RFC 9651 a bare item has.</summary>
internal enum BareKind : byte
{
    Integer,
    Decimal,
    String,
    Token,
    Bytes,
    Boolean,
    Date,
    DisplayString,
}

/// <summary>A bare item of a structured field.</summary>
/// <param name="Kind">Its type.</param>
/// <param name="Text">The content of a string; the text as written of a token, decimal or display string; else empty.</param>
/// <param name="Number">An integer, a date, or 1 and 0 for true and false.</param>
/// <param name="Bytes">A byte sequence; null otherwise.</param>
internal readonly record struct BareItem(BareKind Kind, string Text, long Number = 0, byte[]? Bytes = null)
{
    /// <summary>What a key or parameter without a value means.</summary>
    public static readonly BareItem True = new(BareKind.Boolean, "", 1);
}

/// <summary>A parameter of an item or inner list.</summary>
internal readonly record struct FieldParameter(string Name, BareItem Value);

/// <summary>An item, or an inner list of items, with its parameters in the order sent.</summary>
/// <param name="Value">The item; meaningless for an inner list.</param>
/// <param name="Inner">The items of an inner list; null for an item.</param>
/// <param name="Parameters">Its parameters.</param>
internal sealed record FieldItem(BareItem Value, IReadOnlyList<FieldItem>? Inner, IReadOnlyList<FieldParameter> Parameters)
{
    /// <summary>A parameter's value; null when it was not sent.</summary>
    public BareItem? Find(string name)
    {
        foreach (var parameter in Parameters)
        {
            if (parameter.Name == name)
                return parameter.Value;
        }
        return null;
    }

    /// <summary>A parameter's value when it is of that type; null otherwise.</summary>
    public BareItem? Find(string name, BareKind kind) => Find(name) is { } value && value.Kind == kind ? value : null;
}

/// <summary>A member of a dictionary.</summary>
internal readonly record struct FieldMember(string Key, FieldItem Item);
