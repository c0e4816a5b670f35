using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weir.Detection.Identification;
using Weir.TestKit;

namespace Weir.Delivery.Tests;

/// <summary>Webhooks and chat messages over real HTTP.</summary>
public sealed class SendersTests : IAsyncLifetime
{
    private static readonly DeliveryOptions Open = new() { AllowsHttp = true, AllowsPrivateTargets = true };
    private static readonly Message Hello = new("alert.firing", "Title <b>", "Text & more", """{"type":"alert.firing","data":{"path":"/ä"}}""");

    private Receiver _receiver = null!;

    public async ValueTask InitializeAsync() => _receiver = await Receiver.StartAsync();

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    [Fact]
    public async Task A_webhook_is_verified_by_the_standard_s_own_library()
    {
        string secret = WebhookSecret.New();
        Assert.True((await SendAsync(new Destination("d", DestinationKind.Webhook, _receiver.Url, secret))).IsDelivered);
        var (_, headers, body) = Assert.Single(_receiver.Requests);
        Assert.Equal("msg_1", headers["webhook-id"]);
        Assert.Equal("application/json", headers["content-type"]);

        string folder = Path.Combine(AppContext.BaseDirectory, "node");
        var (code, output) = await NodePackages.RunAsync(
            "node", ["verify.mjs", await NodePackages.InstallAsync(folder)], folder, JsonSerializer.Serialize(new { secret, headers, body }));

        Assert.Equal(0, code);
        Assert.Equal(
            [$"ok {JsonNode.Parse(Hello.Json)!.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })}",
                "refused a changed body", "refused a changed id", "refused a changed timestamp"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_public_key_verifies_what_a_signing_key_signed()
    {
        string signingKey = WebhookSigningKey.New();
        Assert.True((await SendAsync(Hook() with { SigningKey = signingKey })).IsDelivered);
        var (_, headers, body) = Assert.Single(_receiver.Requests);
        string folder = Path.Combine(AppContext.BaseDirectory, "node");
        var (code, output) = await NodePackages.RunAsync(
            "node", ["verify-key.mjs"], folder, JsonSerializer.Serialize(new { publicKey = WebhookSigningKey.PublicOf(signingKey), headers, body }));
        Assert.Equal((0, "ok refused a changed body\n"), (code, output));
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(-60, false)]
    public async Task The_secret_before_counts_until_its_time(int seconds, bool isGood)
    {
        string old = WebhookSecret.New();
        var hook = Hook() with { OldSecret = old, OldUntil = TimeProvider.System.GetUtcNow().AddSeconds(seconds), SigningKey = WebhookSigningKey.New() };
        Assert.True((await SendAsync(hook)).IsDelivered);
        var (_, headers, body) = Assert.Single(_receiver.Requests);
        string folder = Path.Combine(AppContext.BaseDirectory, "node");
        foreach (var (secret, counts) in new[] { (hook.Secret, true), (old, isGood) })
        {
            var (code, output) = await NodePackages.RunAsync(
                "node", ["verify.mjs", await NodePackages.InstallAsync(folder)], folder, JsonSerializer.Serialize(new { secret, headers, body }));
            Assert.True(code == 0 == counts, output);
        }
    }

    [Fact]
    public async Task A_chat_gets_its_text_with_markup_taken_for_text()
    {
        Assert.True((await SendAsync(new Destination("d", DestinationKind.Slack, _receiver.Url))).IsDelivered);
        var sent = JsonNode.Parse(Assert.Single(_receiver.Requests).Body)!;
        Assert.Equal("Title &lt;b&gt;\nText &amp; more", sent["text"]!.GetValue<string>());
        Assert.Single(sent.AsObject());
    }

    [Theory]
    [InlineData(200, true, false, false)]
    [InlineData(302, false, false, false)]
    [InlineData(400, false, false, false)]
    [InlineData(410, false, true, true)]
    [InlineData(429, false, false, false)]
    [InlineData(500, false, false, false)]
    public async Task The_status_says_whether_it_is_sent_again(int status, bool isDelivered, bool isFinal, bool isGone)
    {
        _receiver.AnswerWith(status, ("Location", "http://127.0.0.1:1/elsewhere"), ("Retry-After", "90"));
        var result = await SendAsync(Hook());
        Assert.Equal((status, isDelivered, isFinal, isGone), (result.Status, result.IsDelivered, result.IsFinal, result.IsGone));
        Assert.Equal(status >= 400 && status != 410 ? TimeSpan.FromSeconds(90) : null, result.RetryAfter);
        Assert.Single(_receiver.Requests);
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read()
    {
        _receiver.Answer = async http =>
        {
            byte[] much = new byte[65_536];
            while (!http.RequestAborted.IsCancellationRequested)
                await http.Response.Body.WriteAsync(much, http.RequestAborted);
        };
        Assert.True((await SendAsync(Hook())).IsDelivered);
    }

    [Fact]
    public async Task A_receiver_that_never_answers_costs_one_timeout()
    {
        _receiver.Answer = http => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        var result = await SendAsync(Hook(), Open with { Timeout = TimeSpan.FromMilliseconds(200) });
        Assert.Equal(0, result.Status);
        Assert.Contains("No answer came", result.Error, StringComparison.Ordinal);
        Assert.False(result.IsFinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("http://localhost:{0}/")]
    [InlineData("http://[::1]:{0}/")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/")]
    [InlineData("http://2130706433:{0}/")]
    [InlineData("http://0x7f.1:{0}/")]
    [InlineData("http://0.0.0.0:{0}/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://168.63.129.16/")]
    [InlineData("http://10.0.0.7/")]
    [InlineData("http://[fd00:ec2::254]/")]
    [InlineData("http://[64:ff9b::7f00:1]/")]
    public async Task No_address_leads_inside(string form)
    {
        string url = form.Replace("{0}", new Uri(_receiver.Url).Port.ToString(), StringComparison.Ordinal);
        var result = await SendAsync(Hook() with { Address = url }, new DeliveryOptions { AllowsHttp = true });
        Assert.Contains("private address", result.Error, StringComparison.Ordinal);
        Assert.Empty(_receiver.Requests);
    }

    [Fact]
    public async Task A_name_that_leads_inside_is_refused_at_the_connection_even_among_public_addresses()
    {
        int asked = 0;
        Task<IPAddress[]> Resolve(string host, CancellationToken stop)
        {
            asked++;
            return Task.FromResult<IPAddress[]>([IPAddress.Parse("192.0.43.8"), IPAddress.Loopback]);
        }
        var result = await SendAsync(Hook() with { Address = $"http://hooks.example:{new Uri(_receiver.Url).Port}/" }, new DeliveryOptions { AllowsHttp = true }, Resolve);
        Assert.Contains("private address", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, asked);
        Assert.Empty(_receiver.Requests);
    }

    [Theory]
    [InlineData("http://example.com/")]
    [InlineData("ftp://example.com/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://user:secret@example.com/")]
    [InlineData("https://example.com/#a")]
    [InlineData("example.com")]
    [InlineData("")]
    [InlineData(null)]
    public void Urls_of_other_forms_are_refused_before_they_are_stored(string? url)
    {
        Assert.False(TargetUrl.TryParse(url, new DeliveryOptions(), out _, out string? why));
        Assert.NotEmpty(why);
        Assert.DoesNotContain("secret", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_whose_certificate_nobody_vouches_for_gets_nothing()
    {
        using var key = RSA.Create(2048);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        var request = new CertificateRequest("CN=hooks.test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await using var receiver = await Receiver.StartAsync(certificate);

        var result = await SendAsync(Hook() with { Address = receiver.Url });

        Assert.StartsWith("https://", receiver.Url, StringComparison.Ordinal);
        Assert.Contains("certificate is not trusted", result.Error, StringComparison.Ordinal);
        Assert.False(result.IsFinal);
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task A_url_that_is_allowed_no_more_is_not_asked()
    {
        var result = await SendAsync(Hook(), Open with { AllowsHttp = false });
        Assert.Contains("https", result.Error, StringComparison.Ordinal);
        Assert.Empty(_receiver.Requests);
    }

    [Fact]
    public void A_new_secret_is_valid_and_short_or_foreign_ones_are_not()
    {
        Assert.True(WebhookSecret.IsValid(WebhookSecret.New()));
        Assert.NotEqual(WebhookSecret.New(), WebhookSecret.New());
        Assert.True(WebhookSecret.IsValid("whsec_" + Convert.ToBase64String(new byte[64])));
        foreach (string? wrong in (string?[])[null, "", "whsec_", "whsec_" + Convert.ToBase64String(new byte[23]), "whsec_" + Convert.ToBase64String(new byte[65]), "whsec_?", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
            Assert.False(WebhookSecret.IsValid(wrong), wrong);
    }

    [Fact]
    public void What_is_shown_of_a_destination_holds_no_secret()
    {
        var hook = new Destination("d", DestinationKind.Webhook, "https://example.com/hook?token=s3cret", "whsec_s3cret");
        var chat = new Destination("d", DestinationKind.Slack, "https://hooks.slack.com/services/T0/B0/s3cret");
        Assert.Equal("https://example.com/hook?…", hook.ShownAddress);
        Assert.Equal("https://hooks.slack.com/…", chat.ShownAddress);
        Assert.DoesNotContain("s3cret", $"{hook} {chat}", StringComparison.Ordinal);
    }

    private Destination Hook() => new("d", DestinationKind.Webhook, _receiver.Url, WebhookSecret.New());

    private static async Task<AttemptResult> SendAsync(Destination to, DeliveryOptions? options = null, HostResolver? resolve = null)
    {
        options ??= Open;
        using var http = new GuardedHttp(options, TimeProvider.System, resolve);
        return await new Senders(http, new MailSender(options, TimeProvider.System), TimeProvider.System).SendAsync("msg_1", to, Hello, TestContext.Current.CancellationToken);
    }
}
