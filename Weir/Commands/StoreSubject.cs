using System.CommandLine;
using Weir.Detection;
using Weir.Detection.Identification;
using Weir.Ingest;
using Weir.Ingest.Privacy;
using Weir.Settings;

namespace Weir.Commands;

/// <summary>Flags that say whose data a command is about, shared by <c>weir store delete</c> and <c>weir store export</c>.</summary>
internal sealed class StoreSubject
{
    private readonly Option<string?> _site = new("--site") { Description = "Whose hits: all of this site, or with --address those of the address at it." };

    private readonly Option<string?> _address = new("--address")
    {
        Description = "Address, or a prefix such as 203.0.113.0/24 or 2001:db8:1:2::/64.",
    };

    private readonly Option<int> _wait = new("--wait")
    {
        Description = "Seconds to wait for edges to deliver what they hold; 30 without it.",
        DefaultValueFactory = _ => 30,
    };

    /// <summary>Adds the flags to a command.</summary>
    public StoreSubject(Command command)
    {
        _site.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string?>() is { } text && !SiteId.TryParse(text, null, out _))
                r.AddError($"--site: '{TerminalText.Clean(text, 80)}' is not a site id. Use {SiteId.Rule}.");
        });
        _address.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string?>() is { } text && !Prefix.TryParse(text, out _))
                r.AddError($"--address: '{TerminalText.Clean(text, 80)}' is neither an address nor a prefix. Write one such as 203.0.113.9 or 2001:db8:1:2::/64.");
        });
        PolicyCommand.Between(_wait, 0, 86_400);
        command.Add(_site);
        command.Add(_address);
        command.Add(_wait);
        command.Validators.Add(r =>
        {
            if (r.GetValue(_site) is null && r.GetValue(_address) is null)
                r.AddError("Say whose data: --site ID, --address ADDRESS, or both.");
        });
    }

    /// <summary>How long edges are waited for.</summary>
    public TimeSpan WaitOf(ParseResult parsed) => TimeSpan.FromSeconds(parsed.GetValue(_wait));

    /// <summary>Whose data.</summary>
    public DataSubject Of(ParseResult parsed, WeirSettings settings)
    {
        SiteId? site = parsed.GetValue(_site) is { } id ? SiteId.Parse(id) : null;
        return parsed.GetValue(_address) is { } text && Prefix.TryParse(text, out var addresses)
            ? DataSubject.Of(addresses, site, Path.Combine(settings.Data, IngestOptions.SaltFileName), TimeProvider.System)
            : new DataSubject(site, null);
    }
}
