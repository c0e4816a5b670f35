using System.Data.Common;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection;
using Weir.Proxy.Certificates;
using Weir.Proxy.Connection;
using Weir.TestKit;

namespace Weir.Proxy.Tests.Certificates;

/// <summary>A running edge with certificates of the control store, and of a folder beside it.</summary>
public sealed class StoredCertificateTests : IAsyncLifetime
{
    private const string Host = "www.example.com";

    private readonly PemFolder _folder = new();
    private readonly TemporaryFolder _data = new();
    private ControlDatabase _control = null!;
    private StoreThatGoesAway _store = null!;
    private SqlStoredCertificates _certificates = null!;
    private TestOrigin _origin = null!;
    private Edge _edge = null!;

    private CertificateStore Store => _edge.App.Services.GetRequiredService<CertificateStore>();

    public async ValueTask InitializeAsync()
    {
        _control = await ControlDatabase.OpenAsync(_data.Path, [], TimeProvider.System);
        _store = new StoreThatGoesAway(_control);
        _certificates = new SqlStoredCertificates(_store, new CertificateKeyFile(_data["certificates.key"]), TimeProvider.System);
        _origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("page"));
        _edge = await StartAsync(null);
    }

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _origin.DisposeAsync();
        await _control.DisposeAsync();
        _data.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_certificate_that_is_added_changed_or_removed_while_the_edge_runs_is_shown_or_not()
    {
        Assert.Null(await ShownAsync());

        var first = await AddAsync("shop", PemPair.For(Host));
        await UntilShownAsync(first.Serial);
        var second = await AddAsync("shop", PemPair.For(Host));
        await UntilShownAsync(second.Serial);

        Assert.True(await _certificates.RemoveAsync("shop"));
        await UntilShownAsync(null);
    }

    [Fact]
    public async Task A_row_that_cannot_be_used_is_named_and_takes_away_neither_others_nor_the_one_before_it()
    {
        var good = await AddAsync("shop", PemPair.For(Host));
        await AddAsync("other", PemPair.For("other.example"));
        Store.Look();

        await _certificates.PutAsync("shop", "no certificate", PemPair.For(Host).Key);
        await WriteAsync("UPDATE certificates SET sealed_key = x'0102', version = 100 WHERE name = 'other'");
        await AddAsync("third", PemPair.For("third.example"));
        Store.Look();

        Assert.Equal(good.Serial, await ShownAsync());
        Assert.NotNull(Store.Find("other.example"));
        Assert.NotNull(Store.Find("third.example"));
        string[] problems = [.. Store.Problems.Select(p => $"{p}").Order(StringComparer.Ordinal)];
        Assert.Equal(2, problems.Length);
        Assert.StartsWith("other of the control store: It cannot be used. The private key of certificate 'other' is in no form that this program knows.", problems[0], StringComparison.Ordinal);
        Assert.StartsWith("shop of the control store: There is no certificate in the file.", problems[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_wrong_key_the_rows_are_named_and_once_the_right_one_is_back_they_are_shown()
    {
        var good = await AddAsync("shop", PemPair.For(Host));
        string kept = await File.ReadAllTextAsync(_data["certificates.key"]);
        await File.WriteAllTextAsync(_data["certificates.key"], new string('0', 64));
        await AddAsync("other", PemPair.For("other.example"));
        await using var another = await StartAsync(null);
        var store = another.App.Services.GetRequiredService<CertificateStore>();

        Assert.Null(store.Find(Host));
        Assert.NotNull(store.Find("other.example"));
        Assert.Contains("The private key of certificate 'shop' cannot be opened", $"{Assert.Single(store.Problems)}", StringComparison.Ordinal);

        await File.WriteAllTextAsync(_data["certificates.key"], kept);
        File.SetLastWriteTimeUtc(_data["certificates.key"], TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(1));
        store.Look();
        Assert.Equal(good.Serial, store.Find(Host)?.Leaf.SerialNumber);
        Assert.NotNull(store.Find("other.example")); // what was opened before stays, although this key does not open it
    }

    [Fact]
    public async Task Of_two_sources_the_later_end_wins_and_the_folder_when_both_end_at_once()
    {
        var folders = _folder.Put("www", PemPair.For(Host, toDays: 50));
        await _edge.DisposeAsync();
        _edge = await StartAsync(_folder.Path);
        Assert.Equal(folders.Serial, await ShownAsync());

        var longer = await AddAsync("www", PemPair.For(Host, toDays: 60));
        Store.Look();
        Assert.Equal(longer.Serial, await ShownAsync());
        Assert.Equal("www of the control store", Assert.Single(Store.Doubles).Shown);

        await AddAsync("www", PemPair.For(Host, toDays: 50));
        Store.Look();
        Assert.Equal(folders.Serial, await ShownAsync());
    }

    [Fact]
    public async Task While_the_store_is_away_everything_stays_and_the_folder_is_still_followed()
    {
        await _edge.DisposeAsync();
        _edge = await StartAsync(_folder.Path, isWatched: false);
        var stored = await AddAsync("www", PemPair.For(Host));
        Store.Look();

        _store.IsAway = true;
        _folder.Put("new", PemPair.For("new.example"));
        Store.Look();
        Store.Look();
        Assert.Equal(stored.Serial, await ShownAsync());
        Assert.NotNull(Store.Find("new.example"));

        _store.IsAway = false;
        var later = await AddAsync("www", PemPair.For(Host));
        // The store answers what it holds, and is gone when it is asked for the certificate itself.
        _store.AnswersLeft = 2;
        Store.Look();
        Assert.Equal(stored.Serial, await ShownAsync());
        _store.AnswersLeft = int.MaxValue;
        Store.Look();
        Assert.Equal(later.Serial, await ShownAsync());
    }

    [Fact]
    public async Task A_look_at_an_unchanged_store_asks_for_its_version_alone()
    {
        await AddAsync("www", PemPair.For(Host));
        await _edge.DisposeAsync();
        _edge = await StartAsync(null, isWatched: false);
        int asked = _store.Asked;

        Store.Look();

        Assert.Equal(asked + 1, _store.Asked);
    }

    private async Task<PemPair> AddAsync(string name, PemPair pair)
    {
        await _certificates.PutAsync(name, pair.Certificate, pair.Key);
        return pair;
    }

    private Task<int> WriteAsync(string sql) => ((IControlStore)_control).WriteAsync(async transaction =>
    {
        await using var command = transaction.Connection!.CreateCommand();
        (command.Transaction, command.CommandText) = (transaction, sql);
        return await command.ExecuteNonQueryAsync();
    });

    private Task<Edge> StartAsync(string? folder, bool isWatched = true) => Edge.StartAsync(
        [new() { Id = SiteId.Parse("shop"), Hosts = [Host], Origins = [_origin.Url] }],
        o => o with { Listen = [new ListenAddress(IPAddress.Loopback, 0, IsHttps: true)], Certificates = new CertificateOptions { Folder = folder } },
        time: isWatched ? null : new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow()),
        configure: web => web.Services.AddSingleton<IStoredCertificates>(_certificates));

    private async Task UntilShownAsync(string? serial)
    {
        while (await ShownAsync() != serial)
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
    }

    // The serial number of what a client is shown; null when its handshake is refused.
    private async Task<string?> ShownAsync()
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, _edge.Port, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(tcp.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = Host,
                RemoteCertificateValidationCallback = static (_, _, _, errors) => errors == SslPolicyErrors.RemoteCertificateChainErrors,
            }, TestContext.Current.CancellationToken);
            return tls.RemoteCertificate!.GetSerialNumberString();
        }
        catch (Exception e) when (e is System.Security.Authentication.AuthenticationException or IOException)
        {
            return null;
        }
    }

    // The control store behind a network that can fail.
    private sealed class StoreThatGoesAway(IControlStore store) : IControlStore
    {
        private int _asked;

        public volatile bool IsAway;

        public SecretSeal Secrets => store.Secrets;

        public SqlDialect Dialect => store.Dialect;

        public int AnswersLeft { get; set; } = int.MaxValue;

        public int Asked => Volatile.Read(ref _asked);

        public Task<DbConnection> ReadAsync(CancellationToken stop = default)
        {
            Interlocked.Increment(ref _asked);
            if (IsAway || AnswersLeft-- <= 0)
                throw new IOException("The network is unreachable.");
            return store.ReadAsync(stop);
        }

        public Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken stop = default) => store.WriteAsync(work, stop);
    }
}
