namespace Weir.Analytics.Api.Access;

/// <summary>Marks an endpoint that lets a request in by what the request itself carries, such as a signature: no key or session is asked for.</summary>
internal sealed record VerifiesItself;
