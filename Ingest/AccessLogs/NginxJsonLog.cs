using System.Text.Json;

namespace Weir.Ingest.AccessLogs;

/// <summary>nginx's <c>log_format … escape=json</c>: a flat object whose members operators name after nginx's variables.</summary>
/// <remarks>Variables: https://nginx.org/en/docs/varindex.html. The names of Elastic's and Grafana's examples are known too.</remarks>
internal sealed class NginxJsonLog : JsonLog
{
    /// <inheritdoc/>
    public override string Name => "nginx JSON";

    /// <inheritdoc/>
    protected override void ReadMembers(scoped ref Utf8JsonReader json, LineScratch scratch, scoped ref LogLine read, scoped ref Found found)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var member = LogMembers.Of(json.ValueSpan);
            json.Read();
            if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                json.Skip();
            else
                LogMembers.Take(member, Text(ref json, scratch), ref read, ref found);
        }
    }
}
