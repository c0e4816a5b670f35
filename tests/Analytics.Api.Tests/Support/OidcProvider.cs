using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Weir.Analytics.Api.Tests.Support;

/// <summary>A real OpenID Connect provider at which one person is signed in: real HTTP, real signatures, PKCE required.</summary>
internal sealed class OidcProvider : IAsyncDisposable
{
    public const string ClientId = "weir", ClientSecret = "a secret of these tests";

    private readonly WebApplication _app;

    private OidcProvider()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddOpenIddict().AddServer(Configure);
        _app = builder.Build();
    }

    public Uri Url => new(_app.Urls.First());

    /// <summary>Who is signed in at the provider.</summary>
    public string Subject { get; set; } = "subject-1";

    /// <summary>The address that the provider names.</summary>
    public string? Email { get; set; }

    /// <summary>Whether the provider says that it has checked the address; null when it says nothing.</summary>
    public bool? IsVerified { get; set; } = true;

    /// <summary>Whether it names the address to who asks with the access token alone.</summary>
    public bool TellsUserInfoOnly { get; set; }

    public static async Task<OidcProvider> StartAsync()
    {
        var provider = new OidcProvider();
        await provider._app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private void Configure(OpenIddictServerBuilder server)
    {
        server.SetAuthorizationEndpointUris("authorize").SetTokenEndpointUris("token").SetUserInfoEndpointUris("userinfo")
            .AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange().RegisterScopes(Scopes.OpenId, Scopes.Email)
            // Keys that are made at once; RSA keys take their time on a busy machine.
            .AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32))).AddSigningKey(new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)))
            // Without a database of clients: this one is known below.
            .EnableDegradedMode();
        server.UseAspNetCore().DisableTransportSecurityRequirement();
        server.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(context =>
        {
            if (context.ClientId != ClientId || context.RedirectUri is not { } uri || !uri.EndsWith("/session/oidc/callback", StringComparison.Ordinal))
                context.Reject(Errors.InvalidClient);
            return default;
        }));
        server.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(context =>
        {
            if (context.ClientId != ClientId || context.ClientSecret != ClientSecret)
                context.Reject(Errors.InvalidClient);
            return default;
        }));
        server.AddEventHandler<HandleAuthorizationRequestContext>(handler => handler.UseInlineHandler(context =>
        {
            context.Principal = Person(context.Request.GetScopes());
            return default;
        }));
        server.AddEventHandler<HandleUserInfoRequestContext>(handler => handler.UseInlineHandler(context =>
        {
            context.Email = Email;
            context.EmailVerified = IsVerified;
            return default;
        }));
    }

    private ClaimsPrincipal Person(IEnumerable<string> scopes)
    {
        var identity = new ClaimsIdentity("test");
        identity.SetClaim(Claims.Subject, Subject);
        if (!TellsUserInfoOnly)
        {
            identity.SetClaim(Claims.Email, Email);
            if (IsVerified is { } verified)
                identity.SetClaim(Claims.EmailVerified, verified);
        }
        identity.SetDestinations(_ => [Destinations.IdentityToken]);
        identity.SetScopes(scopes);
        return new ClaimsPrincipal(identity);
    }
}
