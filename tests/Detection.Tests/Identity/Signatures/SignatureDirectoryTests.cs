using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Weir.Detection.Identification.Signatures;

namespace Weir.Tests.IdentityOf.Signatures;

public sealed class SignatureDirectoryTests : IAsyncLifetime
{
    private const string Agent = "https://chatgpt.com";

    private readonly Signer _signer = new();
    private readonly Signer _second = new();
    private readonly FakeTimeProvider _time = new(Requests.Now);
    private DirectoryServer _server = null!;
    private SignatureDirectories _directories = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await DirectoryServer.StartAsync();
        _server.Publish($$"""{"keys":[{{_signer.Jwk}}]}""");
        _directories = Directories(new());
    }

    public async ValueTask DisposeAsync()
    {
        await _directories.DisposeAsync();
        await _server.DisposeAsync();
        _signer.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task A_key_is_fetched_in_the_background_and_then_known()
    {
        Assert.Equal(KeyState.UnderWay, Find(_signer));
        await _directories.WhenIdleAsync();

        Assert.Equal(KeyState.Known, Find(_signer));
        Assert.Equal(["chatgpt.com/.well-known/http-message-signatures-directory"], _server.Asked);
        Assert.Equal([new IPEndPoint(DirectoryServer.Public, 443)], _server.Connected);
        Assert.Equal(1, _directories.Counts[DirectoryResult.Fetched]);
    }

    [Fact]
    public async Task Many_requests_at_once_make_one_fetch()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Find(_signer))));
        await _directories.WhenIdleAsync();

        Assert.Single(_server.Asked);
    }

    [Fact]
    public async Task Only_agents_of_the_catalog_and_the_settings_are_fetched()
    {
        await using var named = Directories(new() { Agents = ["https://agents.example"] });
        await using var any = Directories(new() { AnyAgent = true });

        Assert.True(named.Covers(Agent));
        Assert.True(named.Covers("https://agents.example"));
        Assert.False(named.Covers("https://stranger.example"));
        Assert.True(any.Covers("https://stranger.example"));
    }

    [Theory]
    [InlineData("application/json", DirectoryResult.Fetched)]
    [InlineData("application/http-message-signatures-directory+json; charset=utf-8", DirectoryResult.Fetched)]
    [InlineData("text/html", DirectoryResult.MediaType)]
    [InlineData("text/plain", DirectoryResult.MediaType)]
    public async Task The_media_type_is_a_directorys(string mediaType, DirectoryResult result)
    {
        _server.Publish($$"""{"keys":[{{_signer.Jwk}}]}""", mediaType: mediaType);

        await ExpectAsync(result);
    }

    [Theory]
    [InlineData("<!doctype html><title>Not here</title>")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"keys\":{}}")]
    [InlineData("")]
    public async Task What_is_no_key_set_is_refused(string body)
    {
        _server.Publish(body);

        await ExpectAsync(DirectoryResult.Unreadable);
    }

    [Fact]
    public async Task A_thousand_keys_are_refused()
    {
        _server.Publish($$"""{"keys":[{{string.Join(',', Enumerable.Repeat("{}", 1000))}}]}""");

        await ExpectAsync(DirectoryResult.Unreadable);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_directory_that_is_too_large_is_not_read(bool saysItsLength)
    {
        _server.Answer = async c =>
        {
            c.Response.ContentType = DirectoryServer.MediaType;
            c.Response.ContentLength = saysItsLength ? 1 << 20 : null;
            byte[] block = new byte[16 * 1024];
            for (int i = 0; i < 64 && !c.RequestAborted.IsCancellationRequested; i++)
                await c.Response.Body.WriteAsync(block, c.RequestAborted);
        };

        await ExpectAsync(DirectoryResult.TooLarge);
    }

    [Theory]
    [InlineData(301, "https://chatgpt.com/elsewhere")]
    [InlineData(302, "https://elsewhere.example/")]
    [InlineData(307, "http://169.254.169.254/latest/meta-data")]
    public async Task A_redirect_is_not_followed(int status, string to)
    {
        _server.Answer = c =>
        {
            c.Response.StatusCode = status;
            c.Response.Headers.Location = to;
            return Task.CompletedTask;
        };

        await ExpectAsync(DirectoryResult.Redirect);
        Assert.Single(_server.Asked);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    [InlineData(500)]
    [InlineData(204)]
    public async Task Any_other_status_than_200_is_no_directory(int status)
    {
        _server.Answer = c =>
        {
            c.Response.StatusCode = status;
            return Task.CompletedTask;
        };

        await ExpectAsync(DirectoryResult.Status);
    }

    [Fact]
    public async Task A_compressed_body_is_not_unpacked()
    {
        _server.Answer = c =>
        {
            c.Response.ContentType = DirectoryServer.MediaType;
            c.Response.Headers.ContentEncoding = "gzip";
            return c.Response.WriteAsync("{}");
        };

        await ExpectAsync(DirectoryResult.MediaType);
    }

    [Fact]
    public async Task A_slow_directory_is_given_up()
    {
        var asked = new TaskCompletionSource();
        _server.Answer = async c =>
        {
            c.Response.ContentType = DirectoryServer.MediaType;
            await c.Response.WriteAsync("{\"keys\":[");
            asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, c.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        };
        Find(_signer);
        await asked.Task;
        _time.Advance(DirectoryFetch.Patience);
        await _directories.WhenIdleAsync();

        Assert.Equal(1, _directories.Counts[DirectoryResult.TooSlow]);
        Assert.Equal(KeyState.Unavailable, Find(_signer));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("104.16.132.229 10.0.0.1")]
    public async Task A_name_that_leads_into_a_network_is_never_connected_to(string addresses)
    {
        _server.Resolve = _ => Array.ConvertAll(addresses.Split(' '), IPAddress.Parse);

        await ExpectAsync(DirectoryResult.PrivateAddress);
        Assert.Empty(_server.Connected);
    }

    [Fact]
    public async Task A_name_that_changes_its_mind_gets_the_address_that_was_looked_at()
    {
        int looked = 0;
        _server.Resolve = _ => looked++ == 0 ? [DirectoryServer.Public] : [IPAddress.Loopback];

        await ExpectAsync(DirectoryResult.Fetched);
        Assert.Equal(1, looked);
        Assert.Equal([new IPEndPoint(DirectoryServer.Public, 443)], _server.Connected);

        _time.Advance(SignatureDirectories.AgeOtherwise);
        Find(_signer);
        await _directories.WhenIdleAsync();
        Assert.Single(_server.Connected);
        Assert.Equal(1, _directories.Counts[DirectoryResult.PrivateAddress]);
    }

    [Fact]
    public async Task A_name_without_address_is_no_directory()
    {
        _server.Resolve = _ => throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostNotFound);

        await ExpectAsync(DirectoryResult.NoAddress);
    }

    [Fact]
    public async Task A_certificate_of_another_name_is_no_directory()
    {
        await using var directories = Directories(new() { AnyAgent = true });
        directories.Find("https://elsewhere.example", "x", out _);
        await directories.WhenIdleAsync();

        Assert.Equal(1, directories.Counts[DirectoryResult.Unreachable]);
        Assert.Empty(_server.Asked);
    }

    [Fact]
    public async Task A_failed_fetch_is_tried_again_later_and_takes_no_key_away()
    {
        await ExpectAsync(DirectoryResult.Fetched);
        _server.Answer = c =>
        {
            c.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        _time.Advance(SignatureDirectories.AgeOtherwise);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(KeyState.Known, Find(_signer));
            await _directories.WhenIdleAsync();
        }

        Assert.Equal(2, _server.Asked.Count);
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(KeyState.Known, Find(_signer));
        await _directories.WhenIdleAsync();
        Assert.Equal(3, _server.Asked.Count);
        _time.Advance(TimeSpan.FromDays(7));
        Assert.NotEqual(KeyState.Known, Find(_signer));
    }

    [Fact]
    public async Task Never_having_been_reached_a_directory_is_asked_for_ever_more_seldom()
    {
        _server.Answer = c =>
        {
            c.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        List<int> asked = [];
        for (int minute = 0; minute < 30; minute++)
        {
            for (int second = 0; second < 60; second += 5)
            {
                Find(_signer);
                await _directories.WhenIdleAsync();
                _time.Advance(TimeSpan.FromSeconds(5));
            }
            asked.Add(_server.Asked.Count);
        }

        Assert.InRange(asked[4], 4, 6);
        Assert.InRange(asked[^1] - asked[9], 4, 5);
    }

    [Theory]
    [InlineData("max-age=1", 5)]
    [InlineData("no-store", 5)]
    [InlineData("max-age=600", 10)]
    [InlineData("max-age=31536000", 24 * 60)]
    [InlineData(null, 60)]
    public async Task A_directory_stays_good_as_long_as_it_says_within_bounds(string? cacheControl, int minutes)
    {
        _server.Publish($$"""{"keys":[{{_signer.Jwk}}]}""", cacheControl);
        await ExpectAsync(DirectoryResult.Fetched);

        _time.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
        Find(_signer);
        await _directories.WhenIdleAsync();
        Assert.Single(_server.Asked);
        _time.Advance(TimeSpan.FromSeconds(1));
        Find(_signer);
        await _directories.WhenIdleAsync();
        Assert.Equal(2, _server.Asked.Count);
    }

    [Fact]
    public async Task A_key_published_since_is_looked_for_but_not_at_every_word()
    {
        await ExpectAsync(DirectoryResult.Fetched);
        Assert.Equal(KeyState.NotInDirectory, Find(_second));

        _server.Publish($$"""{"keys":[{{_second.Jwk}}]}""");
        _time.Advance(SignatureDirectories.AgeMin);
        Assert.Equal(KeyState.UnderWay, Find(_second));
        await _directories.WhenIdleAsync();

        Assert.Equal(KeyState.Known, Find(_second));
        Assert.Equal(KeyState.NotInDirectory, Find(_signer)); // taken out, so it is no longer believed
        Assert.Equal(2, _server.Asked.Count);
    }

    [Fact]
    public async Task Keys_of_other_types_and_the_test_key_of_the_standards_are_passed_over()
    {
        const string testKey = "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs";
        _server.Publish($$"""
            {"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"OKP","crv":"X25519","x":"{{_second.X}}"},{"kty":"OKP","crv":"Ed25519","x":"AA"},
            {"kty":"OKP","crv":"Ed25519","use":"enc","x":"{{_second.X}}"},{"kty":"OKP","crv":"Ed25519","x":"{{testKey}}"},7,{{_signer.Jwk}}]}
            """);
        await ExpectAsync(DirectoryResult.Fetched);

        Assert.Equal(KeyState.Known, Find(_signer));
        Assert.Equal(KeyState.NotInDirectory, Find(_second));
        Assert.Equal(KeyState.NotInDirectory, _directories.Find(Agent, "poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U", out _));
    }

    [Fact]
    public async Task Strangers_are_bounded_in_number_and_make_room_when_nobody_asks_for_them()
    {
        _server.Resolve = _ => [IPAddress.Loopback];
        await using var directories = Directories(new() { AnyAgent = true, StrangersMax = 8 });
        for (int i = 0; i < 1000; i++)
            directories.Find($"https://stranger{i}.example", "x", out _);
        await directories.WhenIdleAsync();

        Assert.Equal(8, directories.AgentCount);
        Assert.True(directories.Counts[DirectoryResult.NotTried] >= 900);
        Assert.Equal(KeyState.UnderWay, directories.Find(Agent, "x", out _)); // the catalog's always has room
        _time.Advance(TimeSpan.FromMinutes(11));
        await directories.WhenIdleAsync();
        Assert.Equal(KeyState.UnderWay, directories.Find("https://late.example", "x", out _));
    }

    [Fact]
    public async Task Fetches_are_bounded_in_rate()
    {
        _server.Resolve = _ => [IPAddress.Loopback];
        await using var directories = Directories(new() { AnyAgent = true });
        for (int i = 0; i < 200; i++)
        {
            directories.Find($"https://stranger{i}.example", "x", out _);
            await directories.WhenIdleAsync();
        }

        Assert.Equal(32, directories.Counts[DirectoryResult.PrivateAddress]);
    }

    [Fact]
    public async Task A_stop_gives_up_what_is_under_way()
    {
        var asked = new TaskCompletionSource();
        _server.Answer = async c =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, c.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        };
        Find(_signer);
        await asked.Task;
        await _directories.DisposeAsync();

        Assert.Equal(0, _directories.Counts[DirectoryResult.TooSlow]);
        _directories = Directories(new());
    }

    private KeyState Find(Signer signer) => _directories.Find(Agent, signer.Key.Thumbprint, out _);

    private SignatureDirectories Directories(SignatureDirectoryOptions options) => new(options, a => a == Agent, _time, _server.Network());

    private async Task ExpectAsync(DirectoryResult result)
    {
        Assert.Equal(KeyState.UnderWay, Find(_signer));
        await _directories.WhenIdleAsync();

        Assert.Equal([result], Enum.GetValues<DirectoryResult>().Where(r => _directories.Counts[r] > 0));
        Assert.Equal(result == DirectoryResult.Fetched ? KeyState.Known : KeyState.Unavailable, Find(_signer));
    }
}
