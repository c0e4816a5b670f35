using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Weir.Detection.Identification;
using Weir.Proxy.Pipeline;
using Yarp.ReverseProxy.Forwarder;

namespace Weir.Proxy.Origins;

/// <summary>Turns the forwarder's error and exception into one word and a status.</summary>
internal static class OriginFailure
{
    /// <summary>What went wrong.</summary>
    public static OriginOutcome Of(ForwarderError error, Exception? exception, bool isClientGone) => error switch
    {
        ForwarderError.None => default,
        ForwarderError.Request or ForwarderError.RequestTimedOut or ForwarderError.RequestCreation => OfRequest(error, exception, isClientGone),
        ForwarderError.RequestBodyClient => OfRequestBody(exception, isClientGone),
        ForwarderError.RequestBodyDestination => new(EdgeError.OriginReset, StatusCodes.Status502BadGateway),
        ForwarderError.ResponseHeaders => new(EdgeError.OriginBadResponse, StatusCodes.Status502BadGateway),
        ForwarderError.ResponseBodyDestination or ForwarderError.UpgradeRequestDestination or ForwarderError.UpgradeResponseDestination =>
            new(EdgeError.OriginReset, StatusCodes.Status502BadGateway),
        ForwarderError.UpgradeActivityTimeout => new(EdgeError.OriginTimeout, StatusCodes.Status504GatewayTimeout),
        ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled
            or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeResponseCanceled when !isClientGone =>
            new(EdgeError.OriginTimeout, StatusCodes.Status504GatewayTimeout),
        _ => new(EdgeError.ClientAborted, StatusCodes.Status400BadRequest),
    };

    private static OriginOutcome OfRequest(ForwarderError error, Exception? exception, bool isClientGone)
    {
        if (isClientGone)
            return new(EdgeError.ClientAborted, StatusCodes.Status400BadRequest);
        if (Find<ForbiddenAddressException>(exception) is { HasAddresses: true })
            return Unreached(EdgeError.OriginPrivate);
        // A connection that is not made in time ends in a TimeoutException; an answer that does not come in a bare cancellation.
        if (Find<TimeoutException>(exception) is not null)
            return new(EdgeError.OriginTimeout, StatusCodes.Status504GatewayTimeout, IsConnectFailure: true);
        if (error == ForwarderError.RequestTimedOut)
            return new(EdgeError.OriginTimeout, StatusCodes.Status504GatewayTimeout);
        var request = Find<HttpRequestException>(exception);
        return request?.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => Unreached(EdgeError.OriginDns),
            HttpRequestError.SecureConnectionError => Unreached(EdgeError.OriginTls),
            HttpRequestError.ConnectionError => Unreached(OfSocket(exception)),
            HttpRequestError.ResponseEnded => new(EdgeError.OriginReset, StatusCodes.Status502BadGateway),
            HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.ConfigurationLimitExceeded
                or HttpRequestError.VersionNegotiationError or HttpRequestError.ExtendedConnectNotSupported =>
                new(EdgeError.OriginBadResponse, StatusCodes.Status502BadGateway),
            _ => new(Find<SocketException>(exception) is null && Find<IOException>(exception) is null
                ? EdgeError.OriginBadResponse : EdgeError.OriginReset, StatusCodes.Status502BadGateway),
        };
    }

    private static OriginOutcome Unreached(EdgeError error) => new(error, StatusCodes.Status502BadGateway, IsConnectFailure: true);

    private static EdgeError OfSocket(Exception? exception) => Find<SocketException>(exception)?.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => EdgeError.OriginRefused,
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => EdgeError.OriginDns,
        SocketError.TimedOut => EdgeError.OriginTimeout,
        _ => EdgeError.OriginUnreachable,
    };

    private static OriginOutcome OfRequestBody(Exception? exception, bool isClientGone) => Find<BadHttpRequestException>(exception) switch
    {
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => new(EdgeError.BodyTooLarge, StatusCodes.Status413PayloadTooLarge),
        { StatusCode: StatusCodes.Status408RequestTimeout } => new(EdgeError.ClientTimeout, StatusCodes.Status408RequestTimeout),
        { } broken when !isClientGone && !IsCutShort(broken) => new(EdgeError.BadRequest, StatusCodes.Status400BadRequest),
        _ => new(EdgeError.ClientAborted, StatusCodes.Status400BadRequest),
    };

    // Kestrel calls a body whose connection ended a bad request, and may say so before it says that the client is gone. The reason itself
    // is internal to Kestrel; a test notices if its sentence changes.
    private static bool IsCutShort(BadHttpRequestException e) => e.Message.StartsWith("Unexpected end of request content", StringComparison.Ordinal);

    private static T? Find<T>(Exception? exception) where T : Exception
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is T found)
                return found;
            if (e is AggregateException many)
                return many.InnerExceptions.Select(Find<T>).FirstOrDefault(f => f is not null);
        }
        return null;
    }
}
