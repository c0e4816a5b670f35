using System.CommandLine;
using Weir.Detection;
using Weir.Detection.Lines;
using Weir.Detection.Places;
using Weir.Detection.Signals;
using Weir.Hosting;
using Weir.Settings;

namespace Weir.Commands;

/// <summary><c>weir classify</c>: the verdict on one request in words or JSON, or on one request a line.</summary>
/// <remarks>Every request is judged by itself, so the thousandth line of an address is judged as the first; unless <c>--behaviour</c> asks
/// otherwise.</remarks>
internal static class ClassifyCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var ua = new Option<string>("--ua") { Description = "User-Agent header; leave it out for none.", DefaultValueFactory = _ => "" };
        var ip = new Option<string?>("--ip") { Description = "Address of the client." };
        var referrer = new Option<string>("--referrer") { Description = "Referer header.", DefaultValueFactory = _ => "" };
        var header = new Option<string[]>("--header") { Description = "Another header as NAME:VALUE; may be given several times." };
        var path = new Option<string>("--path") { Description = "Path asked, with its query.", DefaultValueFactory = _ => "/" };
        var method = new Option<string>("--method") { Description = "Request method.", DefaultValueFactory = _ => "GET" };
        var keys = new Option<string?>("--signature-keys") { Description = "Judge the request's signature by the keys of this file: a JWK set, or {\"https://agent\":{\"keys\":[…]}}." };
        var fetch = new Option<bool>("--fetch-keys") { Description = "Judge the request's signature by keys fetched from whoever it says signed." };
        var dns = new Option<bool>("--dns") { Description = "Ask reverse DNS about the address, and wait for the answer (10 seconds at most)." };
        var dnsServer = new Option<string?>("--dns-server") { Description = $"The DNS server that --dns asks: {DnsServerAddress.Rule}. Default: the system's." };
        var time = new Option<string?>("--time") { Description = $"When the request came: {RequestTime.Rule}. Default: now." };
        var ja4 = new Option<string?>("--ja4") { Description = $"JA4 fingerprint of the client's TLS greeting, such as {TlsFacts.Example}." };
        var tls = new Option<bool?>("--tls") { Description = "Whether the request came over TLS; a JA4 says so too." };
        var http = new Option<string?>("--http-version") { Description = $"HTTP version that the client spoke: {HttpVersionText.Rule}." };
        var json = new Option<bool>("--json") { Description = "Print the verdict as JSON." };
        var jsonl = new Option<bool>("--jsonl") { Description = "Read one request a line from standard input, print one verdict a line. A line that cannot be read gets {\"error\":…} in its place; the exit code is 1 when none could be read." };
        var behaviour = new Option<bool>("--behaviour") { Description = "With --jsonl: judge a line also by what its address did in the lines before, which must be in the order of time; \"status\" and \"contentType\" tell how each ended." };
        var command = new Command("classify", "Says who made a request, whether they are who they say, and why.") { ua, ip, referrer, header, method, path, ja4, tls, http, time, keys, fetch, dns, dnsServer, json, jsonl, behaviour };
        ip.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string?>() is { } text && !ClientAddress.TryParse(text, out _))
                r.AddError($"--ip: '{TerminalText.Clean(text)}' is not an address. Write one such as 203.0.113.9 or 2001:db8::1.");
        });
        time.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string?>() is { } text && !RequestTime.TryParse(text, out _))
                r.AddError($"--time: '{TerminalText.Clean(text)}' is not a time. Write {RequestTime.Rule}.");
        });
        header.Validators.Add(r =>
        {
            foreach (string text in r.GetValueOrDefault<string[]>() ?? [])
            {
                if (text.IndexOf(':') < 1)
                    r.AddError($"--header: '{TerminalText.Clean(text)}' has no name. Write NAME:VALUE, such as Accept-Language:de.");
            }
        });
        command.Validators.Add(r =>
        {
            if (r.GetValue(jsonl) && (r.GetResult(ua) is { Implicit: false } || r.GetValue(ip) is not null || r.GetResult(referrer) is { Implicit: false }
                || r.GetValue(header) is { Length: > 0 } || r.GetResult(path) is { Implicit: false }
                || r.GetValue(ja4) is not null || r.GetValue(tls) is not null || r.GetValue(http) is not null))
                r.AddError("--jsonl reads the requests from standard input. Leave the other flags out, or leave out --jsonl.");
        });
        ja4.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string?>() is { } text && !TlsFacts.TryParse(text, out _))
                r.AddError($"--ja4: '{TerminalText.Clean(text)}' is no fingerprint. Write one such as {TlsFacts.Example}.");
        });
        http.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string?>() is { } text && !HttpVersionText.TryParse(text, out _))
                r.AddError($"--http-version: '{TerminalText.Clean(text)}' is no version of HTTP. Write {HttpVersionText.Rule}.");
        });
        command.Validators.Add(r =>
        {
            if (r.GetValue(keys) is not null && r.GetValue(fetch))
                r.AddError("--signature-keys and --fetch-keys are two answers to one question. Leave one of them out.");
        });
        dnsServer.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string?>() is { } text && !DnsServerAddress.TryParse(text, out _))
                r.AddError($"--dns-server: '{TerminalText.Clean(text)}' is no DNS server. Write {DnsServerAddress.Rule}.");
        });
        command.Validators.Add(r =>
        {
            if (r.GetValue(dnsServer) is not null && !r.GetValue(dns))
                r.AddError("--dns-server says whom --dns asks. Give both.");
        });
        command.Validators.Add(r =>
        {
            if (r.GetValue(behaviour) && !r.GetValue(jsonl))
                r.AddError("--behaviour needs several requests. Add --jsonl, and write them to standard input in the order of time.");
        });
        command.SetAction(async (parsed, _) =>
        {
            var catalog = Catalogs.Load();
            await using var signing = SigningKeySource.Open(parsed.GetValue(keys), parsed.GetValue(fetch));
            await using var names = !parsed.GetValue(dns) ? null
                : new AwaitedReverseDns(parsed.GetValue(dnsServer) is { } at53 && DnsServerAddress.TryParse(at53, out var server) ? server : null);
            var detector = new Detector(catalog, parsed.GetValue(behaviour) ? new ClientWindows() : null) { Signatures = signing.Check, ReverseDns = names };
            long nowMs = parsed.GetValue(time) is { } text && RequestTime.TryParse(text, out long at) ? at : Catalogs.NowMs(catalog);
            if (parsed.GetValue(jsonl))
                return RunLines(detector, nowMs, parsed.InvocationConfiguration.Error);
            var request = new ClassifyRequest(parsed.GetValue(ua)!, parsed.GetValue(ip), parsed.GetValue(referrer)!, parsed.GetValue(header) ?? [],
                parsed.GetValue(path)!, nowMs)
            {
                Method = parsed.GetValue(method)!,
                Ja4 = parsed.GetValue(ja4),
                IsTls = parsed.GetValue(tls),
                HttpVersion = parsed.GetValue(http),
            };
            RunOne(detector, names, request, parsed.GetValue(json), parsed.InvocationConfiguration.Output);
            return 0;
        });
        return command;
    }

    private static int RunLines(Detector detector, long nowMs, TextWriter error)
    {
        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardOutput();
        LineTotals totals;
        try
        {
            totals = new LineClassifier(detector, nowMs).Run(input, output);
        }
        catch (IOException)
        {
            return 0; // the reader of the pipe, such as head, has had enough
        }
        if (totals.Bad == 0)
            return 0;
        error.WriteLine($"weir: {totals.Bad} of {totals.Lines} lines could not be read; each says why in its place.");
        return totals.Bad == totals.Lines ? CommandLine.Failed : 0;
    }

    private static void RunOne(Detector detector, AwaitedReverseDns? names, ClassifyRequest request, bool asJson, TextWriter output)
    {
        var verdict = detector.Classify(request.Facts());
        var country = CountryOf(request.Facts().ClientAddress);
        if (!asJson)
        {
            string? hostName = verdict.Crawler is { } crawler ? names?.HostNameOf(request.Facts().ClientAddress, crawler) : null;
            VerdictText.Write(output, request, verdict, detector.Catalog, hostName, country);
            return;
        }
        JsonText.WriteLine(output, json => VerdictJson.Write(json, verdict, withSentences: true, country));
    }

    // A file that cannot be read tells nothing, and a verdict stands without it.
    private static Country CountryOf(ClientAddress address)
    {
        try
        {
            return address.IsKnown && BundledCountries.Find() is { } file ? PlaceFile.FindCountry(file, address) : default;
        }
        catch (PlaceFileException)
        {
            return default;
        }
    }
}
