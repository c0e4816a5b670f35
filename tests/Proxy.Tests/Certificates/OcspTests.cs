using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Detection;
using Weir.Detection.Identification;
using Weir.Proxy.Certificates;
using Weir.Proxy.Certificates.Ocsp;
using Weir.Proxy.Connection;

namespace Weir.Proxy.Tests.Certificates;

/// <summary>Revocation, with openssl as the responder and as the client.</summary>
public sealed class OcspTests : IAsyncLifetime
{
    private const string Host = "www.example.com";

    private readonly PemFolder _folder = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly LogLines _log = new();
    private OcspAuthority _authority = null!;
    private PemPair _pair = null!;
    private CertificateStore _store = null!;
    private OcspWatcher _watcher = null!;

    private OcspState State => _watcher.StateOf(_store.All[0], _time.GetUtcNow());

    public async ValueTask InitializeAsync()
    {
        _authority = await OcspAuthority.StartAsync();
        _pair = _folder.Put("www", _authority.Issue(Host));
        _store = new CertificateStore(new CertificateOptions { Folder = _folder.Path }, ActivatorUtilities.CreateInstance<EdgeMetrics>(_services), _time,
            NullLogger<CertificateStore>.Instance);
        _store.Load();
        Assert.Empty(_store.Problems);
        _watcher = NewWatcher(allowsPrivate: true);
    }

    public async ValueTask DisposeAsync()
    {
        _watcher.Dispose();
        await _authority.DisposeAsync();
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_certificate_that_holds_is_good_and_asked_for_again_half_way_to_newer_word()
    {
        Assert.Equal(OcspState.Unreachable, State);

        await AskAsync();
        Assert.Equal(OcspState.Good, State);
        Assert.Empty(_log.Ids);

        int asked = _authority.Asked;
        _time.Advance(TimeSpan.FromHours(11));
        await AskAsync();
        Assert.Equal(asked, _authority.Asked);
        _time.Advance(TimeSpan.FromHours(2));
        await AskAsync();
        Assert.Equal(OcspState.Good, State);
        _time.Advance(TimeSpan.FromHours(13));
        Assert.Equal(OcspState.Unreachable, State); // what was said has run out
    }

    [Fact]
    public async Task A_revoked_certificate_is_shouted_about_and_stays_revoked_when_nobody_answers_any_more()
    {
        _authority.Revoke(_pair);

        await AskAsync();
        Assert.Equal((OcspState.Revoked, false), (State, _store.All[0].IsStapled));
        Assert.Equal([(4061, LogLevel.Critical)], _log.Ids);

        _authority.Instead = _ => throw new InvalidOperationException("away");
        _time.Advance(TimeSpan.FromDays(3));
        await AskAsync();
        Assert.Equal(OcspState.Revoked, State);
    }

    [Fact]
    public async Task A_certificate_that_its_authority_does_not_know_is_named()
    {
        _authority.Forget(_pair);

        await AskAsync();

        Assert.Equal(OcspState.Unknown, State);
        Assert.Equal([(4062, LogLevel.Warning)], _log.Ids);
    }

    [Fact]
    public async Task A_delegate_with_the_right_to_sign_is_believed_and_one_without_is_not()
    {
        _authority.AddSigner("delegate", maySign: true);
        _authority.AddSigner("stranger", maySign: false);

        _authority.Signer = "stranger";
        await AskAsync();
        Assert.Equal(OcspState.Unreachable, State);

        _authority.Signer = "delegate";
        _time.Advance(TimeSpan.FromHours(1));
        await AskAsync();
        Assert.Equal(OcspState.Good, State);
    }

    [Fact]
    public async Task Useless_answers_are_told_once_and_so_is_their_end()
    {
        var other = _authority.Issue("other.example");
        byte[] aboutOther = await _authority.AnswerAsync(new OcspCertificateId(
            System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(other.Certificate), _authority.Root).Question());
        byte[][] answers = [[], [0x30, 0x03, 0x0A, 0x01, 0x03], new byte[100_000], aboutOther, [.. aboutOther[..^9], .. new byte[9]]];
        int answered = 0;
        _authority.Instead = http => http.Response.Body.WriteAsync(answers[answered++]).AsTask();
        foreach (byte[] _ in answers)
        {
            await AskAsync();
            Assert.Equal(OcspState.Unreachable, State);
            _time.Advance(TimeSpan.FromHours(1));
        }
        Assert.Equal(answers.Length, answered);
        Assert.Equal([(4063, LogLevel.Warning)], _log.Ids);

        _authority.Instead = null;
        await AskAsync();

        Assert.Equal(OcspState.Good, State);
        Assert.Equal((4064, LogLevel.Information), _log.Ids[^1]);
    }

    [Fact]
    public async Task Any_bytes_of_an_answer_may_be_wrong()
    {
        var responder = _store.All[0].Responder!;
        byte[] good = await _authority.AnswerAsync(responder.Id.Question());
        Assert.True(OcspAnswer.TryRead(good, responder.Id, responder.Issuer, _time.GetUtcNow(), out _, out _));

        for (int i = 0; i < good.Length; i++)
        {
            byte[] cut = good[..i];
            Assert.False(OcspAnswer.TryRead(cut, responder.Id, responder.Issuer, _time.GetUtcNow(), out _, out _));
            byte[] changed = [.. good];
            changed[i] ^= 0x41;
            // A change of what is signed, or of the signature, is never believed; elsewhere it may say nothing.
            if (OcspAnswer.TryRead(changed, responder.Id, responder.Issuer, _time.GetUtcNow(), out var answer, out _))
                Assert.Equal(OcspState.Good, answer.State);
        }
    }

    [Fact]
    public async Task The_answer_is_stapled_to_handshakes_and_its_state_is_in_the_metrics()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("page"));
        string output = "";
        // .NET fetches the staple by itself, beside handshakes, and tells nobody why it has none: on a busy machine that stays so for minutes.
        // So another edge with another certificate gets its chance.
        for (int edges = 0; edges < 4 && !IsStapled(output); edges++)
        {
            _folder.Put("www", _authority.Issue(Host));
            await using var edge = await Edge.StartAsync(
                [new() { Id = SiteId.Parse("shop"), Hosts = [Host], Origins = [origin.Url] }],
                o => o with { Listen = [new ListenAddress(IPAddress.Loopback, 0, IsHttps: true)], Certificates = new CertificateOptions { Folder = _folder.Path, AllowsPrivateOcsp = true } });
            for (int handshakes = 0; handshakes < 200 && !IsStapled(output); handshakes++)
                (_, output) = await ClientProgram.RunAsync("openssl", "s_client", "-connect", $"127.0.0.1:{edge.Port}", "-servername", Host, "-status");
            if (IsStapled(output))
            {
                var watcher = edge.App.Services.GetRequiredService<OcspWatcher>();
                Assert.Equal(OcspState.Good, watcher.StateOf(edge.App.Services.GetRequiredService<CertificateStore>().All[0], TimeProvider.System.GetUtcNow()));
            }
        }

        Assert.Contains("OCSP Response Status: successful", output, StringComparison.Ordinal);
    }

    private static bool IsStapled(string output) => output.Contains("Cert Status: good", StringComparison.Ordinal);

    [Fact]
    public async Task A_responder_in_a_private_network_is_not_asked_and_that_is_told_once()
    {
        using var guarded = NewWatcher(allowsPrivate: false);
        for (int i = 0; i < 5; i++)
        {
            await guarded.AskAsync(TestContext.Current.CancellationToken);
            _time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(0, _authority.Asked);
        Assert.Equal((OcspState.Unreachable, false), (guarded.StateOf(_store.All[0], _time.GetUtcNow()), _store.All[0].IsStapled));
        Assert.Equal(1, _log.Ids.Count(l => l == (4067, LogLevel.Error)));
        Assert.Equal([4067, 4063], _log.Ids.Select(l => l.Id));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("169.254.169.254")]
    [InlineData("fe80::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("8.8.8.8 192.168.0.1")]
    [InlineData("")]
    public async Task Nothing_is_stapled_while_a_name_in_the_certificate_leads_inside(string addresses) =>
        Assert.False(await StapleGuard.LeadsOutsideAsync(_store.All[0], Leading(addresses), TestContext.Current.CancellationToken));

    [Fact]
    public async Task Stapling_is_allowed_where_every_name_in_the_certificate_leads_outside() =>
        Assert.True(await StapleGuard.LeadsOutsideAsync(_store.All[0], Leading("8.8.8.8 2606:4700::1111"), TestContext.Current.CancellationToken));

    private static HostResolver Leading(string addresses) =>
        (_, _) => Task.FromResult(addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse).ToArray());

    private OcspWatcher NewWatcher(bool allowsPrivate) =>
        new(_store, new CertificateOptions { AllowsPrivateOcsp = allowsPrivate }, Dns.GetHostAddressesAsync, _time, _log);

    private Task AskAsync() => _watcher.AskAsync(TestContext.Current.CancellationToken);

    private sealed class LogLines : ILogger<OcspWatcher>
    {
        public List<(int Id, LogLevel Level)> Ids { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Ids.Add((eventId.Id, logLevel));
    }
}
