using System.Text.Json;

namespace Weir.Detection.Catalog;

/// <summary>Finds lines for error messages. Reads the file again: errors are rare, and positions kept for all would not be.</summary>
internal static class JsonPlace
{
    /// <summary>The line, from 1, where element <paramref name="index"/> of a top-level array begins; 1 when it cannot be found.</summary>
    public static int LineOf(ReadOnlySpan<byte> json, string array, int index)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1 || !reader.ValueTextEquals(array))
                continue;
            reader.Read();
            for (int i = -1; reader.Read() && reader.TokenType != JsonTokenType.EndArray; reader.Skip())
            {
                if (++i == index)
                    return json[..(int)reader.TokenStartIndex].Count((byte)'\n') + 1;
            }
        }
        return 1;
    }
}
