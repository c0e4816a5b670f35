using System.ComponentModel;
using System.Diagnostics;

namespace Weir.Proxy.Certificates.Orders;

/// <summary>The ACME client that orders: certbot, or another by its command line.</summary>
public sealed class AcmeProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    // Its last words; whole logs are the client's own business.
    private const int WordsMax = 400;

    private readonly IReadOnlyList<string> _words;
    private readonly TimeProvider _time;

    private AcmeProgram(IReadOnlyList<string> words, TimeProvider time) => (_words, _time) = (words, time);

    /// <summary>What is run, with its placeholders.</summary>
    public string Text => string.Join(' ', _words.Select(w => w.Contains(' ') ? $"'{w}'" : w));

    /// <summary>A command line with <c>{host}</c> and <c>{webroot}</c> in it. Words are split at spaces; quotes keep them together; no shell is asked.</summary>
    /// <exception cref="ArgumentException">It has no <c>{host}</c>, or an open quote.</exception>
    public static AcmeProgram Parse(string text, TimeProvider time)
    {
        var words = Split(text);
        if (!words.Any(w => w.Contains("{host}", StringComparison.Ordinal)))
            throw new ArgumentException("the command has no {host}: write it where the host name belongs", nameof(text));
        return new AcmeProgram(words, time);
    }

    /// <summary>certbot with a web root, keeping its files where the edge reads them.</summary>
    /// <param name="folder">The certificates' folder: certbot's <c>live</c>, or the folder above it.</param>
    /// <param name="server">Another authority's directory URL.</param>
    /// <param name="email">Registers with this address, and agrees to the authority's terms.</param>
    /// <param name="time">Clock.</param>
    public static AcmeProgram Certbot(string folder, Uri? server, string? email, TimeProvider time)
    {
        string home = Path.GetFileName(folder.TrimEnd('/')) == "live" ? Path.GetDirectoryName(folder.TrimEnd('/'))! : folder;
        List<string> words = ["certbot", "certonly", "--non-interactive", "--force-renewal", "--webroot", "-w", "{webroot}", "--cert-name", "{host}", "-d", "{host}"];
        // certbot's own defaults, left out where they fit.
        if (home != "/etc/letsencrypt")
            words.AddRange(["--config-dir", home, "--work-dir", Path.Combine(home, "work"), "--logs-dir", Path.Combine(home, "logs")]);
        if (server is not null)
            words.AddRange(["--server", server.AbsoluteUri]);
        if (email is not null)
            words.AddRange(["--agree-tos", "--email", email]);
        return new AcmeProgram(words, time);
    }

    /// <summary>Orders for one host.</summary>
    /// <returns>Null when it ended well; else why not.</returns>
    /// <exception cref="FileNotFoundException">There is no such program.</exception>
    public async Task<string?> OrderAsync(string host, string webroot, CancellationToken stop)
    {
        string Filled(string word) => word.Replace("{host}", host, StringComparison.Ordinal).Replace("{webroot}", webroot, StringComparison.Ordinal);
        var start = new ProcessStartInfo(Filled(_words[0]), _words.Skip(1).Select(Filled))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Start(start);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(stop), process.StandardError.ReadToEndAsync(stop));
        using var bounded = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, bounded.Token);
        try
        {
            await process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            stop.ThrowIfCancellationRequested();
            return $"{_words[0]} did not end within {Patience.TotalMinutes:N0} minutes";
        }
        return process.ExitCode == 0 ? null : $"{_words[0]} ended with {process.ExitCode}: {LastWords(await output, await error)}";
    }

    private Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new FileNotFoundException($"{_words[0]} cannot be run ({e.Message}): install it, or name your ACME client with --command", e);
        }
    }

    private static string LastWords(string output, string error)
    {
        string said = string.Join(' ', (error + "\n" + output).Split((char[])['\n', '\r', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));
        return said.Length == 0 ? "it said nothing" : said.Length <= WordsMax ? said : said[..WordsMax] + "…";
    }

    private static List<string> Split(string text)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        char quote = default;
        bool isWord = false;
        foreach (char c in text)
        {
            if (quote != default ? c == quote : c is '\'' or '"')
                (quote, isWord) = (quote != default ? default : c, true);
            else if (quote == default && c is ' ' or '\t' or '\n')
            {
                if (isWord)
                    words.Add(word.ToString());
                word.Clear();
                isWord = false;
            }
            else
            {
                word.Append(c);
                isWord = true;
            }
        }
        if (quote != default)
            throw new ArgumentException($"the command has an open quote {quote}", nameof(text));
        if (isWord)
            words.Add(word.ToString());
        return words;
    }
}
