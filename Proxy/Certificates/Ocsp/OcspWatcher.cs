using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Detection.Identification;

namespace Weir.Proxy.Certificates.Ocsp;

/// <summary>Asks authorities whether the certificates in use still hold, and says aloud when one was revoked. Off the way of requests.</summary>
/// <remarks>.NET staples answers to handshakes by itself, and tells nobody what they say; so they are asked for here once more.</remarks>
internal sealed class OcspWatcher(CertificateStore store, CertificateOptions options, HostResolver resolve, TimeProvider time, ILogger<OcspWatcher> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // An answer with its delegate's certificate has 2 KB.
    private const int BytesMax = 64 * 1024;

    // Silence of one responder must not hold up the others.
    private const int AtOnce = 8;

    // Nothing to shout about before: responders have bad minutes.
    private const int FailuresToTell = 3;

    private readonly ConditionalWeakTable<SiteCertificate, OcspStatus> _known = [];
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        // A proxy would look the name up itself, past the guard: the URL is whatever the certificate says.
        UseProxy = false,
        ConnectCallback = options.AllowsPrivateOcsp ? null : new GuardedConnect(resolve) { PassesOverOthers = true }.ConnectAsync,
        ConnectTimeout = Patience,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
    })
    { MaxResponseContentBufferSize = BytesMax, Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>What is known of a certificate.</summary>
    public OcspState StateOf(SiteCertificate certificate, DateTimeOffset now) =>
        certificate.Responder is null ? OcspState.NotAsked : _known.TryGetValue(certificate, out var status) ? status.StateAt(now) : OcspState.Unreachable;

    /// <summary>When the answer in use was made; null when there is none.</summary>
    public DateTimeOffset? AnsweredAt(SiteCertificate certificate) => _known.TryGetValue(certificate, out var status) ? status.Answer?.ThisUpdate : null;

    /// <summary>Asks for every certificate whose time has come.</summary>
    public async Task AskAsync(CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var due = store.All.Where(c => c.Responder is not null && _known.GetOrCreateValue(c).AskAt <= now);
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop },
            async (certificate, cancelled) => await AskAsync(certificate, cancelled));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await AskAsync(stoppingToken);
            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    private async Task AskAsync(SiteCertificate certificate, CancellationToken stop)
    {
        var responder = certificate.Responder!;
        var status = _known.GetOrCreateValue(certificate);
        var before = status.StateAt(time.GetUtcNow());
        string why;
        try
        {
            byte[] bytes = await FetchAsync(responder, stop);
            if (OcspAnswer.TryRead(bytes, responder.Id, responder.Issuer, time.GetUtcNow(), out var answer, out why))
            {
                bool wasTold = status.Failures >= FailuresToTell;
                status.Take(answer, time.GetUtcNow());
                // .NET asks a responder that is away at each handshake; so it begins only with one that has answered.
                if (!certificate.IsStapled && answer.State == OcspState.Good && await MayStapleAsync(certificate, stop))
                    certificate.Staple();
                Tell(certificate, answer, before, wasTold);
                return;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            why = e is OperationCanceledException ? "it did not answer in time" : e.Message.TrimEnd('.');
            if ((e as ForbiddenAddressException ?? e.InnerException as ForbiddenAddressException) is { HasAddresses: true } && status.TryTellPrivate())
                log.ResponderPrivate(responder.Url, certificate.Place, certificate.Names[0]);
        }
        status.Fail(time.GetUtcNow());
        if (status.Failures == FailuresToTell)
            log.ResponderUnreachable(responder.Url, certificate.Place, certificate.Names[0], why);
    }

    private async Task<bool> MayStapleAsync(SiteCertificate certificate, CancellationToken stop) =>
        options.AllowsPrivateOcsp || await StapleGuard.LeadsOutsideAsync(certificate, resolve, stop);

    private async Task<byte[]> FetchAsync(OcspResponder responder, CancellationToken stop)
    {
        using var bounded = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, bounded.Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, responder.Url)
        {
            Content = new ByteArrayContent(responder.Id.Question()) { Headers = { ContentType = new MediaTypeHeaderValue("application/ocsp-request") } },
        };
        using var response = await _client.SendAsync(request, either.Token);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync(either.Token);
    }

    private void Tell(SiteCertificate certificate, OcspAnswer answer, OcspState before, bool wasTold)
    {
        // Each answer repeats it: nothing else that is logged about a certificate is as bad.
        if (answer.State == OcspState.Revoked)
            log.CertificateRevoked(certificate.Place, certificate.Names[0], answer.RevokedAt ?? answer.ThisUpdate);
        else if (answer.State == OcspState.Unknown && before != OcspState.Unknown)
            log.CertificateUnknown(certificate.Place, certificate.Names[0], certificate.Responder!.Url);
        else if (wasTold)
            log.ResponderAnswers(certificate.Responder!.Url, certificate.Place);
    }
}
