using System.Text.Json;

namespace Weir.Ingest.AccessLogs;

/// <summary>A log of one JSON object a line. A format of this sort says which member means what.</summary>
internal abstract class JsonLog : LogFormat
{
    /// <inheritdoc/>
    public override LogFormat Fresh() => this;

    /// <inheritdoc/>
    public override LineResult TryRead(ReadOnlySpan<byte> line, LineScratch scratch, scoped ref LogLine read)
    {
        read = default;
        scratch.Reset(line.Length);
        if (line.Length < 2 || line[0] != '{')
            return LineResult.Rejected;
        var json = new Utf8JsonReader(line, isFinalBlock: true, default);
        var found = default(Found);
        try
        {
            json.Read();
            ReadMembers(ref json, scratch, ref read, ref found);
        }
        catch (JsonException)
        {
            return LineResult.Rejected;
        }
        return found.IsRequest ? LineResult.Read : LineResult.Rejected;
    }

    /// <summary>Reads the members of the object that the reader has entered, to its end.</summary>
    protected abstract void ReadMembers(scoped ref Utf8JsonReader json, LineScratch scratch, scoped ref LogLine read, scoped ref Found found);

    /// <summary>The text of the value that the reader stands on, whatever its sort; nothing for an object, a list or a dash.</summary>
    protected static ReadOnlySpan<byte> Text(scoped ref Utf8JsonReader json, LineScratch scratch) => json.TokenType switch
    {
        JsonTokenType.String => LogText.OrNothing(LogText.Unescape(json.ValueSpan, scratch)),
        JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => json.ValueSpan,
        _ => default,
    };
}
