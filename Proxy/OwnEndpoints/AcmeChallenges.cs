using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Weir.Proxy.Origins;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.OwnEndpoints;

/// <summary>Lets certificate authorities see a host's answer to a challenge (RFC 8555 section 8.3): from the challenge folder of this machine's
/// ACME client, or from the origin. These are no hits and meet no policy and no redirect.</summary>
internal sealed class AcmeChallenges
{
    /// <summary>Where every host answers challenges.</summary>
    public const string Prefix = "/.well-known/acme-challenge/";

    // Tokens in use have 43 letters, answers 87.
    private const int TokenMax = 128;
    private const int AnswerBytesMax = 4096;

    private static readonly SearchValues<char> Base64Url =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private readonly OriginForwarder _origins;
    private readonly ILogger _log;
    private readonly string? _folder;

    /// <summary>Answers from the challenge folder of the options, when they name one.</summary>
    public AcmeChallenges(EdgeOptions options, OriginForwarder origins, ILogger<AcmeChallenges> log)
    {
        (_origins, _log) = (origins, log);
        if (options.Certificates.ChallengeFolder is not { } webroot)
            return;
        _folder = Path.Combine(webroot, ".well-known", "acme-challenge");
        try
        {
            // ACME clients refuse a web root that is not there.
            Directory.CreateDirectory(_folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.ChallengeFolderMissing(webroot, e.Message.TrimEnd('.'));
        }
    }

    /// <summary>Whether a request asks for a challenge's answer, of a host where there may be one. Strict, because no policy stands before it.</summary>
    public bool IsChallenge(RequestContext r) =>
        r.Path.StartsWith(Prefix, StringComparison.Ordinal)
        && r.Path[Prefix.Length..] is { Length: > 0 and <= TokenMax } token && !token.ContainsAnyExcept(Base64Url)
        && (HttpMethods.IsGet(r.Http.Request.Method) || HttpMethods.IsHead(r.Http.Request.Method))
        && (_folder is not null || r.Host is not null);

    /// <summary>Answers it.</summary>
    public async ValueTask AnswerAsync(RequestContext r)
    {
        try
        {
            if (r.Host is not null && (_folder is null || r.Site.Settings.AcmeToOrigin))
                await _origins.ForwardAsync(r);
            else
                await AnswerAsync(r, Path.Combine(_folder!, r.Path[Prefix.Length..].ToString()));
        }
        catch (Exception fault)
        {
            await EdgeFault.AnswerAsync(r, fault, _log);
        }
    }

    private static async Task AnswerAsync(RequestContext r, string file)
    {
        byte[]? answer = await TryReadAsync(file, r.Http.RequestAborted);
        if (answer is null)
        {
            await ErrorAnswer.WriteAsync(r, StatusCodes.Status404NotFound, "There is no such challenge here.");
            return;
        }
        var response = r.Http.Response;
        response.ContentType = "application/octet-stream";
        response.ContentLength = answer.Length;
        response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsGet(r.Http.Request.Method))
            await response.Body.WriteAsync(answer, r.Http.RequestAborted);
    }

    private static async Task<byte[]?> TryReadAsync(string file, CancellationToken stop)
    {
        try
        {
            var found = new FileInfo(file);
            return found.Exists && found.Length <= AnswerBytesMax ? await File.ReadAllBytesAsync(file, stop) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            return null;
        }
    }
}
