namespace Weir.Analytics.Api.Access;

/// <summary>The OpenID Connect provider that members sign in with.</summary>
public sealed record OidcOptions
{
    /// <summary>Where the provider sends the browser back to; registered there below <see cref="PublicUrl"/>.</summary>
    public const string CallbackPath = "/session/oidc/callback";

    /// <summary>The provider's issuer; its description is found below it. HTTPS, or a loopback address.</summary>
    public required Uri Authority { get; init; }

    /// <summary>What the provider calls this installation.</summary>
    public required string ClientId { get; init; }

    /// <summary>The secret shared with it; empty for a public client, which PKCE alone protects. Never printed.</summary>
    public string ClientSecret { get; init; } = "";

    /// <summary>Where people's browsers reach the dashboard, without a path; null for the address that each request names.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Whether every e-mail that the provider names is the person's, though it does not say so: for a company's own provider.</summary>
    public bool TrustsEmails { get; init; }

    /// <summary>The provider, without the secret.</summary>
    public override string ToString() => $"{ClientId} at {Authority}";
}
