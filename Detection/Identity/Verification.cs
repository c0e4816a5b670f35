using Weir.Detection.Catalog;

namespace Weir.Detection.Identification;

/// <summary>What was found out about an address and a crawler after the request that asked was answered.</summary>
/// <param name="Address">The address.</param>
/// <param name="Crawler">The crawler that was claimed from there.</param>
/// <param name="Identity">What a hit of that time is by now.</param>
/// <param name="Method">How it was found.</param>
/// <param name="AsOf">When it was found.</param>
/// <param name="Evidence">What it rests on, such as the host name; empty for none. Hostile text of letters, digits, dots, dashes and underscores.</param>
public readonly record struct Verification(
    ClientAddress Address, Crawler Crawler, Identity Identity, IdentityMethod Method, DateTimeOffset AsOf, string Evidence);

/// <summary>Takes what is found out late. Safe from any thread.</summary>
public interface IVerificationSink
{
    /// <summary>Takes one, or counts its loss. Never waits and never throws.</summary>
    void Write(in Verification verification);
}
