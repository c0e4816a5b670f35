using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Origins;

/// <summary>Carries one request to one origin and its answer back. Every implementation must pass the same tests
/// (<c>OriginTransportContract</c>), have its requests finished by <see cref="OriginRequest"/> and its answers by <see cref="OriginAnswer"/>.</summary>
internal interface IOriginTransport
{
    /// <summary>Forwards the request to <see cref="RequestContext.Origin"/>. An error leaves the answer to the caller, unless it has begun.</summary>
    ValueTask<OriginOutcome> SendAsync(RequestContext r);
}

/// <summary>How forwarding went.</summary>
/// <param name="Error">What went wrong.</param>
/// <param name="Status">The status that says so, when no answer has begun.</param>
/// <param name="IsConnectFailure">Whether no connection could be made, so that the origin saw no byte.</param>
internal readonly record struct OriginOutcome(EdgeError Error, int Status = 0, bool IsConnectFailure = false);
