using System.Text;
using System.Text.Json;

namespace Weir.Settings;

/// <summary>Reads JSON into nodes that know their line and column. Comments and trailing commas are allowed.</summary>
internal static class PositionedJson
{
    /// <summary>Deeper nesting than any setting has; bounds the recursion on a hostile file.</summary>
    private const int MaxDepth = 32;

    /// <summary>Reads a whole file.</summary>
    /// <param name="utf8">The file's bytes; a byte order mark is skipped.</param>
    /// <param name="file">Its name as errors show it.</param>
    /// <param name="errors">Gets what is wrong.</param>
    /// <returns>The root value; null when the file is not JSON.</returns>
    public static SettingNode? Read(ReadOnlySpan<byte> utf8, string file, SettingErrors errors)
    {
        if (utf8.StartsWith(Encoding.UTF8.Preamble))
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        var lines = new Lines(utf8, file);
        var options = new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = MaxDepth };
        var reader = new Utf8JsonReader(utf8, options);
        try
        {
            reader.Read();
            var root = Value(ref reader, in lines, "", errors);
            // Whatever stands behind the value is an error that only reading on finds.
            while (reader.Read())
            {
            }
            return root;
        }
        catch (JsonException e)
        {
            var (what, mend) = Explain(e.Message);
            errors.Add(lines.At((int)(e.LineNumber ?? 0), (int)(e.BytePositionInLine ?? 0)), "", what, mend);
            return null;
        }
        catch (InvalidOperationException)
        {
            errors.Add(lines.At(reader.TokenStartIndex), "", "A text is not valid UTF-8.", "Save the file as UTF-8.");
            return null;
        }
    }

    private static SettingNode Value(ref Utf8JsonReader reader, in Lines lines, string path, SettingErrors errors)
    {
        string at = lines.At(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return Object(ref reader, in lines, at, path, errors);
            case JsonTokenType.StartArray:
                var list = new SettingNode(NodeKind.List, at) { IsFromFile = true };
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    list.Items.Add(Value(ref reader, in lines, $"{path}[{list.Items.Count}]", errors));
                return list;
            case JsonTokenType.String:
                return new SettingNode(NodeKind.Text, at) { Text = reader.GetString() ?? "", IsFromFile = true };
            case JsonTokenType.Number:
                return new SettingNode(NodeKind.Number, at) { Text = Encoding.UTF8.GetString(reader.ValueSpan), IsFromFile = true };
            case JsonTokenType.True:
                return new SettingNode(NodeKind.True, at) { IsFromFile = true };
            case JsonTokenType.False:
                return new SettingNode(NodeKind.False, at) { IsFromFile = true };
            default:
                return new SettingNode(NodeKind.Null, at) { IsFromFile = true };
        }
    }

    private static SettingNode Object(ref Utf8JsonReader reader, in Lines lines, string at, string path, SettingErrors errors)
    {
        var node = new SettingNode(NodeKind.Object, at) { IsFromFile = true };
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string nameAt = lines.At(reader.TokenStartIndex);
            string name = reader.GetString() ?? "";
            string memberPath = path.Length == 0 ? name : $"{path}.{name}";
            reader.Read();
            var value = Value(ref reader, in lines, memberPath, errors);
            if (node.Find(name) is { } earlier)
                errors.Add(nameAt, memberPath, "This stands here twice.", $"Keep one of the two; the other is at {earlier.At}.");
            else
                node.Set(name, nameAt, value);
        }
        return node;
    }

    private static (string What, string Mend) Explain(string message)
    {
        // The reader's sentence ends with its own idea of the place, which the error already names.
        int place = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        string what = (place < 0 ? message : message[..place]).Trim();
        if (what.Contains("single JSON value", StringComparison.Ordinal))
            return ("Something stands behind the end of the settings.", "Keep one { … } in the file.");
        if (what.Contains("start of a property name", StringComparison.Ordinal))
            return ("A name is expected here.", "Write names in double quotes, such as \"listen\".");
        if (what.Contains("after a property name", StringComparison.Ordinal))
            return ("A colon is missing after a name.", "Write \"name\": value.");
        if (what.Contains("invalid after a value", StringComparison.Ordinal) || what.Contains("Expected either ','", StringComparison.Ordinal))
            return ("A comma or a closing bracket is missing before this.", "Write a comma between two values.");
        if (what.Contains("end of string", StringComparison.Ordinal))
            return ("A text has no end.", "Close it with a double quote on the same line.");
        if (what.Contains("escapable character", StringComparison.Ordinal))
            return ("A text holds a backslash that means nothing.", "Write two backslashes for one.");
        if (what.Contains("within a JSON string", StringComparison.Ordinal))
            return ("A text holds a line break or a tab.", "Close the text on its line, or write \\n or \\t.");
        if (what.Contains("depth to be zero", StringComparison.Ordinal) || what.Contains("end of data", StringComparison.Ordinal)
            || what.Contains("any JSON tokens", StringComparison.Ordinal))
            return ("The file ends too early.", "Close every { with } and every [ with ]; the smallest file is {}.");
        if (what.Contains("start of a value", StringComparison.Ordinal) || what.Contains("invalid JSON literal", StringComparison.Ordinal))
            return ("A value is expected here.", "Write a text in double quotes, a number, true, false, […] or {…}.");
        return (what, "Mend the JSON here.");
    }

    /// <summary>Turns byte places into lines and columns, both from 1; a column counts characters, not bytes.</summary>
    private readonly ref struct Lines
    {
        private readonly ReadOnlySpan<byte> _utf8;
        private readonly string _file;
        private readonly int[] _starts;

        // Line, bytes and characters of the last place: a file in one line of megabytes is counted through once, not once a value.
        private readonly int[] _last = new int[3];

        public Lines(ReadOnlySpan<byte> utf8, string file)
        {
            _utf8 = utf8;
            _file = file;
            var starts = new List<int> { 0 };
            for (int i = 0; i < utf8.Length; i++)
            {
                if (utf8[i] == '\n')
                    starts.Add(i + 1);
            }
            _starts = [.. starts];
        }

        public string At(long index)
        {
            int line = Array.BinarySearch(_starts, (int)index);
            if (line < 0)
                line = ~line - 1;
            return At(line, (int)index - _starts[line]);
        }

        public string At(int line, int bytes)
        {
            line = Math.Clamp(line, 0, _starts.Length - 1);
            var rest = _utf8[_starts[line]..];
            bytes = Math.Clamp(bytes, 0, rest.Length);
            var (counted, characters) = _last[0] == line && _last[1] <= bytes ? (_last[1], _last[2]) : (0, 0);
            characters += Encoding.UTF8.GetCharCount(rest[counted..bytes]);
            (_last[0], _last[1], _last[2]) = (line, bytes, characters);
            return $"{_file}:{line + 1}:{characters + 1}";
        }
    }
}
