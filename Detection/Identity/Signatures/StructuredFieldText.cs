using System.Globalization;
using System.Text;

namespace Weir.Detection.Identification.Signatures;

/// <summary>Writes structured fields as RFC 9651 §4.1 says: one text for one meaning, whatever blanks were sent.</summary>
internal static class StructuredFieldText
{
    /// <summary>Appends a dictionary.</summary>
    public static void Append(StringBuilder text, IReadOnlyList<FieldMember> members)
    {
        for (int i = 0; i < members.Count; i++)
        {
            var (key, item) = members[i];
            text.Append(i == 0 ? "" : ", ").Append(key);
            if (item.Inner is null && item.Value == BareItem.True)
                AppendParameters(text, item.Parameters);
            else
                Append(text.Append('='), item);
        }
    }

    /// <summary>Appends an item or inner list with its parameters.</summary>
    public static void Append(StringBuilder text, FieldItem item)
    {
        if (item.Inner is null)
            Append(text, item.Value);
        else
        {
            text.Append('(');
            for (int i = 0; i < item.Inner.Count; i++)
                Append(i == 0 ? text : text.Append(' '), item.Inner[i]);
            text.Append(')');
        }
        AppendParameters(text, item.Parameters);
    }

    private static void AppendParameters(StringBuilder text, IReadOnlyList<FieldParameter> parameters)
    {
        foreach (var (name, value) in parameters)
        {
            text.Append(';').Append(name);
            if (value != BareItem.True)
                Append(text.Append('='), value);
        }
    }

    private static void Append(StringBuilder text, BareItem value)
    {
        switch (value.Kind)
        {
            case BareKind.Integer:
                text.Append(CultureInfo.InvariantCulture, $"{value.Number}");
                break;
            case BareKind.Date:
                text.Append(CultureInfo.InvariantCulture, $"@{value.Number}");
                break;
            case BareKind.Boolean:
                text.Append(value.Number == 0 ? "?0" : "?1");
                break;
            case BareKind.Bytes:
                text.Append(':').Append(Convert.ToBase64String(value.Bytes!)).Append(':');
                break;
            case BareKind.String:
                AppendString(text, value.Text);
                break;
            default:
                text.Append(value.Text);
                break;
        }
    }

    private static void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (char c in value)
        {
            if (c is '"' or '\\')
                text.Append('\\');
            text.Append(c);
        }
        text.Append('"');
    }
}
