using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Weir.Proxy.Certificates;

namespace Weir.Proxy.Tests.Certificates;

public sealed class CertificateStoreTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PemFolder _folder = new();
    private readonly FakeTimeProvider _time = new(Start);
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly LogLines _log = new();
    private CertificateStore? _made;

    private CertificateStore Store => _made ??= Of(_folder.Path);

    [Fact]
    public void Each_layout_of_files_is_read()
    {
        var pair = _folder.Put("a", New("a.example"));
        var crt = New("crt.example");
        _folder.Write("crt.crt", crt.Certificate);
        _folder.Write("crt.key", crt.Key);
        var both = New("both.example");
        _folder.Write("both.pem", both.Key + both.Certificate);
        var mkcert = New("mkcert.example");
        _folder.Write("mkcert.example+1.pem", mkcert.Certificate);
        _folder.Write("mkcert.example+1-key.pem", mkcert.Key);
        var certbot = New("certbot.example");
        _folder.Write("certbot.example/fullchain.pem", certbot.Certificate);
        _folder.Write("certbot.example/privkey.pem", certbot.Key);
        _folder.Write("certbot.example/chain.pem", "");
        var live = New("live.example");
        _folder.Write("archive/live.example/fullchain7.pem", live.Certificate);
        _folder.Write("archive/live.example/privkey7.pem", live.Key);
        Directory.CreateDirectory(_folder.At("live/live.example"));
        File.CreateSymbolicLink(_folder.At("live/live.example/fullchain.pem"), "../../archive/live.example/fullchain7.pem");
        File.CreateSymbolicLink(_folder.At("live/live.example/privkey.pem"), "../../archive/live.example/privkey7.pem");
        _folder.Write("live/README", "not a certificate");

        Store.Load();

        Assert.Empty(Store.Problems);
        Assert.Equal(
            [pair.Serial, crt.Serial, both.Serial, mkcert.Serial, certbot.Serial, live.Serial],
            new[] { "a.example", "crt.example", "both.example", "mkcert.example", "certbot.example", "live.example" }.Select(Served));
    }

    [Fact]
    public void The_exact_name_wins_then_the_wildcard_of_one_label()
    {
        var wildcard = _folder.Put("1", New("*.example.com"));
        var exact = _folder.Put("2", New("www.example.com example.com"));
        var deep = _folder.Put("3", New("*.deep.example.com"));

        Store.Load();

        Assert.Equal(exact.Serial, Served("WWW.example.com."));
        Assert.Equal(exact.Serial, Served("example.com"));
        Assert.Equal(wildcard.Serial, Served("shop.example.com"));
        Assert.Equal(deep.Serial, Served("a.deep.example.com"));
        Assert.Null(Served("a.b.example.com"));
        Assert.Null(Served("evilexample.com"));
        Assert.Null(Served(".example.com"));
        Assert.Null(Served(null));
    }

    [Fact]
    public void International_names_are_found_as_dotnet_decodes_them_and_as_they_are_sent()
    {
        var exact = _folder.Put("1", New("xn--bcher-kva.example"));
        var wildcard = _folder.Put("2", New("*.xn--bcher-kva.example"));

        Store.Load();

        Assert.Equal(exact.Serial, Served("bücher.example"));
        Assert.Equal(exact.Serial, Served("xn--bcher-kva.example"));
        Assert.Equal(wildcard.Serial, Served("shop.bücher.example"));
    }

    [Fact]
    public void Who_names_no_host_gets_the_default_hosts_certificate_when_there_is_one()
    {
        var pair = _folder.Put("a", New("www.example.com"));
        var store = Of(_folder.Path, defaultHost: "www.example.com");

        store.Load();

        Assert.Equal(pair.Serial, store.Find(null)?.Leaf.SerialNumber);
        Assert.Equal(pair.Serial, store.Find("unknown.example")?.Leaf.SerialNumber);
    }

    [Fact]
    public void Of_two_certificates_for_a_name_the_valid_one_is_shown_then_the_one_that_ends_last()
    {
        var shorter = _folder.Put("1", New("a.example", -1, 20));
        var longer = _folder.Put("2", New("a.example", -1, 40));
        var later = _folder.Put("3", New("a.example", 30, 90));
        Store.Load();
        Assert.Equal(longer.Serial, Served("a.example"));
        Assert.NotEqual(shorter.Serial, longer.Serial);

        _time.Advance(TimeSpan.FromDays(35));
        Store.Look();

        Assert.Equal(later.Serial, Served("a.example"));
    }

    public static TheoryData<string, string, string> BadFiles()
    {
        var good = New("a.example");
        var weak = PemPair.Weak(1024);
        var encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
        return new()
        {
            { good.Certificate, "", "a.key: There is no private key. Put it beside the certificate as a.key, or into the same file." },
            { good.Certificate, encrypted, "a.key: The private key is encrypted. Decrypt it (openssl pkey)" },
            { good.Certificate, New("a.example").Key, "a.key: This is not the key of the first certificate in a.pem." },
            { "hello", good.Key, "a.pem: There is no certificate in the file." },
            { "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", good.Key, "a.pem: A certificate in the file is damaged." },
            { new string('x', 2_000_000), good.Key, "a.pem: The file is too large for a certificate." },
            { New("").Certificate, good.Key, "a.key: This is not the key" },
            { New("b.example").Certificate + good.Certificate, good.Key, "a.pem: The certificate of this key stands at place 2 in the file, not first. Put it first" },
            { string.Concat(Enumerable.Repeat(good.Certificate, 11)), good.Key, "a.pem: There are 11 certificates in the file." },
            { weak.Certificate, weak.Key, "a.pem: The certificate's key is too weak: 1024 bits." },
        };
    }

    [Theory]
    [InlineData(false, 60, "The certificate of its issuer, authority, is missing, so that many clients will not trust it. Put the authority's chain behind it")]
    [InlineData(true, -1, "The chain's certificate of authority expired on 2029-12-31 00:00 UTC. Fetch the authority's current chain.")]
    [InlineData(true, 60, null)]
    public void A_chain_that_clients_stumble_on_is_named_and_used(bool withIssuer, int issuerToDays, string? problem)
    {
        var (pair, issuer) = PemPair.Issued("a.example", issuerToDays, Start);
        _folder.Put("a", withIssuer ? pair with { Certificate = pair.Certificate + issuer } : pair);

        Store.Load();

        Assert.Equal(pair.Serial, Served("a.example"));
        if (problem is null)
        {
            Assert.Empty(Store.Problems);
            return;
        }
        Assert.StartsWith(_folder.At("a.pem: ") + problem, Assert.Single(Store.Problems).ToString(), StringComparison.Ordinal);
        Assert.Contains(4065, _log.Lines.Select(l => l.Id));
    }

    [Fact]
    public async Task A_certificate_signed_by_a_broken_hash_is_refused()
    {
        var (code, output) = await ClientProgram.RunAsync("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha1", "-days", "30", "-subj", "/CN=a",
            "-addext", "subjectAltName=DNS:a.example", "-keyout", _folder.At("a.key"), "-out", _folder.At("a.pem"));
        Assert.True(code == 0, output);

        Store.Load();

        Assert.StartsWith("The certificate is signed by sha1", Assert.Single(Store.Problems).What, StringComparison.Ordinal);
        Assert.Null(Served("a.example"));
    }

    [Fact]
    public void Two_certificates_for_one_host_are_named_once()
    {
        _folder.Put("old", New("a.example *.b.example", -1, 20));
        _folder.Put("new", New("a.example", -1, 40));

        Store.Load();
        LookTwice();

        Assert.Equal($"a.example has two certificates: {_folder.At("new.pem")} is shown, {_folder.At("old.pem")} is not", Assert.Single(Store.Doubles).ToString());
        Assert.Single(_log.Lines, l => l.Id == 4066);
    }

    [Fact]
    public void Links_that_lead_nowhere_or_round_and_folders_in_place_of_files_are_named_and_harm_nobody()
    {
        var good = _folder.Put("good", New("good.example"));
        File.CreateSymbolicLink(_folder.At("round.pem"), "round.pem");
        File.CreateSymbolicLink(_folder.At("nowhere.pem"), "no-such-file.pem");
        Directory.CreateSymbolicLink(_folder.At("again"), ".");
        Directory.CreateSymbolicLink(_folder.At("live"), ".");
        _folder.Write("odd/fullchain.pem", New("odd.example").Certificate);
        Directory.CreateDirectory(_folder.At("odd/privkey.pem"));

        Store.Load();
        LookTwice();

        Assert.Equal(good.Serial, Served("good.example"));
        Assert.Contains(Store.Problems, p => p.Place == _folder.At("round.pem"));
        Assert.Contains(Store.Problems, p => p.ToString().StartsWith(_folder.At("nowhere.pem: There is no such file."), StringComparison.Ordinal));
        Assert.Contains(Store.Problems, p => p.ToString().StartsWith(_folder.At("odd/privkey.pem: This is a folder, not a file."), StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void A_bad_certificate_is_named_with_its_mend_and_the_good_one_stays_in_use(string certificate, string key, string problem)
    {
        var good = _folder.Put("a", New("a.example"));
        var other = _folder.Put("b", New("b.example"));
        Store.Load();

        _folder.Put("a", new PemPair(certificate, key));
        LookTwice();

        Assert.StartsWith(_folder.At(problem), Assert.Single(Store.Problems).ToString(), StringComparison.Ordinal);
        Assert.Equal(4022, _log.Lines[^1].Id);
        Assert.Equal(good.Serial, Served("a.example"));

        var mended = _folder.Put("a", New("a.example"));
        LookTwice();

        Assert.Empty(Store.Problems);
        Assert.Equal((mended.Serial, other.Serial), (Served("a.example"), Served("b.example")));
    }

    [Theory]
    [InlineData(-90, -1, "The certificate expired on 2029-12-31 00:00 UTC. Renew it; the new file is taken at once.")]
    [InlineData(1, 90, "The certificate is not valid before 2030-01-02 00:00 UTC. Check this machine's clock, or wait.")]
    public void A_certificate_out_of_its_time_is_named_and_shown_only_when_there_is_no_better(int from, int to, string problem)
    {
        var good = _folder.Put("a", New("a.example"));
        var only = _folder.Put("b", New("b.example", from, to));
        Store.Load();
        Assert.Equal(_folder.At("b.pem: ") + problem, Assert.Single(Store.Problems).ToString());
        Assert.Equal(only.Serial, Served("b.example"));

        _folder.Put("a", New("a.example", from, to));
        LookTwice();

        Assert.Equal(2, Store.Problems.Count);
        Assert.Equal(good.Serial, Served("a.example"));
    }

    [Fact]
    public void A_certificate_without_host_names_is_refused()
    {
        _folder.Put("a", New(""));

        Store.Load();

        Assert.Contains("names no host", Assert.Single(Store.Problems).What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_certificate_is_in_force_once_its_files_have_settled()
    {
        var first = _folder.Put("a", New("a.example"));
        Store.Load();
        using var reloads = new CounterSum(_services.GetRequiredService<IMeterFactory>(), "weir.edge.certificate.reloads");

        var second = _folder.Put("a", New("a.example"));
        Store.Look();
        Assert.Equal(first.Serial, Served("a.example"));
        Store.Look();
        Assert.Equal(second.Serial, Served("a.example"));
        Store.Look();

        Assert.Equal(1, reloads.Sum);
    }

    [Fact]
    public void A_link_that_leads_elsewhere_is_a_change()
    {
        var first = New("a.example");
        var second = New("a.example");
        _folder.Write("..1/tls.crt", first.Certificate);
        _folder.Write("..1/tls.key", first.Key);
        _folder.Write("..2/tls.crt", second.Certificate);
        _folder.Write("..2/tls.key", second.Key);
        Directory.CreateSymbolicLink(_folder.At("..data"), "..1");
        File.CreateSymbolicLink(_folder.At("tls.crt"), "..data/tls.crt");
        File.CreateSymbolicLink(_folder.At("tls.key"), "..data/tls.key");
        Store.Load();
        Assert.Equal(first.Serial, Served("a.example"));

        Directory.Delete(_folder.At("..data"));
        Directory.CreateSymbolicLink(_folder.At("..data"), "..2");
        LookTwice();

        Assert.Equal(second.Serial, Served("a.example"));
    }

    [Fact]
    public void A_removed_certificate_is_shown_no_more_but_a_folder_that_empties_changes_nothing()
    {
        _folder.Put("a", New("a.example"));
        var second = _folder.Put("b", New("b.example"));
        Store.Load();

        _folder.Remove("a.pem");
        LookTwice();
        Assert.Null(Served("a.example"));

        Directory.Move(_folder.Path, _folder.Path + "-away");
        try
        {
            LookTwice();
            Directory.CreateDirectory(_folder.Path);
            LookTwice();
            LookTwice();
            Assert.Equal(second.Serial, Served("b.example"));
            Assert.Equal(1, _log.Lines.Count(l => l.Id == 4023));
            Directory.Delete(_folder.Path);
        }
        finally
        {
            Directory.Move(_folder.Path + "-away", _folder.Path);
        }
        LookTwice();
        Assert.Equal(second.Serial, Served("b.example"));
    }

    [Fact]
    public void A_folder_that_comes_later_is_read_then()
    {
        var store = Of(_folder.At("later"));
        store.Load();
        Assert.Equal(4023, _log.Lines[^1].Id);

        var pair = _folder.Put("later/a", New("a.example"));
        store.Look();
        store.Look();

        Assert.Equal(pair.Serial, store.Find("a.example")?.Leaf.SerialNumber);
    }

    [Fact]
    public void The_end_of_a_certificate_is_announced_at_30_14_7_and_1_days_and_when_it_has_come()
    {
        _folder.Put("a", New("a.example", 0, 90));
        _folder.Put("short", New("short.example", 0, 6));
        Store.Load();

        var said = new List<(int Day, int Id, string Text)>();
        for (int day = 0; day <= 92; day++)
        {
            int before = _log.Lines.Count;
            Store.Look();
            said.AddRange(_log.Lines.Skip(before).Where(l => l.Id is 4025 or 4026).Select(l => (day, l.Id, l.Text)));
            _time.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal([(60, 4025), (76, 4025), (83, 4025), (89, 4025), (90, 4026)], said.Where(s => s.Text.Contains("a.example")).Select(s => (s.Day, s.Id)));
        Assert.Equal([(5, 4025), (6, 4026)], said.Where(s => s.Text.Contains("short.example")).Select(s => (s.Day, s.Id)));
    }

    [Theory]
    [InlineData("www.example.com", true)]
    [InlineData("shop.example.com", true)]
    [InlineData("*.example.com", true)]
    [InlineData("example.com", false)]
    [InlineData("*.www.example.com", false)]
    public void It_is_known_which_hosts_of_a_site_have_a_certificate(string host, bool isCovered)
    {
        _folder.Put("a", New("www.example.com *.example.com"));

        Store.Load();

        Assert.Equal(isCovered, Store.Covers(host));
    }

    [Fact]
    public void Finding_a_certificate_allocates_nothing()
    {
        _folder.Put("a", New("*.example.com"));
        Store.Load();

        Assert.Equal(0, Allocations.Of(() => Store.Find("shop.example.com")));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _services.Dispose();
    }

    private static PemPair New(string names, int from = -1, int to = 89) => PemPair.For(names, from, to, Start);

    private CertificateStore Of(string folder, string? defaultHost = null) => new(
        new CertificateOptions { Folder = folder, DefaultHost = defaultHost },
        new EdgeMetrics(_services.GetRequiredService<IMeterFactory>()), _time, _log);

    private string? Served(string? host) => Store.Find(host)?.Leaf.SerialNumber;

    private void LookTwice()
    {
        Store.Look();
        Store.Look();
    }

    private sealed class LogLines : ILogger<CertificateStore>
    {
        public List<(int Id, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((eventId.Id, formatter(state, exception)));
    }
}
