using System.CommandLine;
using System.Net.Http.Headers;
using Weir.Control;

namespace Weir.Commands;

/// <summary>The flags of commands that ask a running API, and the client that they make.</summary>
internal sealed class ApiClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly Option<string?> _url = new("--url") { Description = "Where the API answers, such as https://weir.example.com. Without it: api of the settings, on this machine." };
    private readonly Option<string?> _keyFile = new("--key-file") { Description = "File that holds an API key which may read analytics. Without it: admin.key of the data folder." };

    /// <summary>Adds the flags to a command, those of the settings included.</summary>
    public void AddTo(Command command)
    {
        _url.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string?>() is { } text && (!Uri.TryCreate(text, UriKind.Absolute, out var at) || at.Scheme is not ("http" or "https")))
                r.AddError($"--url: '{TerminalText.Clean(text, 80)}' is no http or https URL. Write one such as http://127.0.0.1:8090.");
        });
        command.Add(_url);
        command.Add(_keyFile);
        command.Add(SettingFlags.Config);
        command.Add(SettingFlags.Data);
    }

    /// <summary>A client of the API that the flags name, with its key.</summary>
    /// <exception cref="CommandException">There is no key where it should be, or the settings are wrong.</exception>
    public HttpClient Open(ParseResult parsed)
    {
        var settings = SettingFlags.Read(parsed);
        var api = parsed.GetValue(_url) is { } given ? new Uri(given) : settings.Analytics.Listen;
        string key = KeyIn(parsed.GetValue(_keyFile) ?? Path.Combine(settings.Data, AdminKey.FileName));
        var client = new HttpClient { BaseAddress = Reachable(api), Timeout = Patience };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>What to tell people when the API does not answer as it should.</summary>
    public static CommandException Unreadable(HttpClient client, Exception e) =>
        new($"The API at {client.BaseAddress} cannot be read ({TerminalText.Clean(e.Message, 120)}). Start weir up, or name where it answers with --url.", e);

    /// <summary>The API key of a file.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static string KeyIn(string file)
    {
        try
        {
            string key = File.ReadAllText(file).Trim();
            if (key.Length is > 0 and < 1000 && key.All(c => c is > ' ' and < '\x7f'))
                return key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"The key cannot be read from {TerminalText.Clean(file)}: {e.Message.TrimEnd('.')}. Start weir up once, or name a file with --key-file.", e);
        }
        throw new CommandException($"{TerminalText.Clean(file)} holds no API key. Name the file of one with --key-file.");
    }

    /// <summary>Where this machine asks what listens there.</summary>
    public static Uri Reachable(Uri api) => api.Host is "0.0.0.0" or "[::]" ? new UriBuilder(api) { Host = "127.0.0.1" }.Uri : new Uri(api.AbsoluteUri.TrimEnd('/') + "/");
}
