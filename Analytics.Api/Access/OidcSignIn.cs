using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Weir.Control;

namespace Weir.Analytics.Api.Access;

/// <summary>Sign-in by OpenID Connect: authorization code with PKCE. The library checks state, nonce, signature, issuer and audience; what
/// comes of it is one of our own sessions, so that none of its cookies outlives the way there and back.</summary>
internal static class OidcSignIn
{
    /// <summary>Name of the authentication scheme.</summary>
    public const string Scheme = "oidc";

    // With one scheme alone ASP.NET would ask it at every request; this one is never used.
    private const string NoScheme = "none";

    private const string OrganisationItem = "organisation";

    private static readonly TimeSpan BackchannelTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Adds the provider.</summary>
    public static IServiceCollection AddOidc(this IServiceCollection services, OidcOptions provider)
    {
        // What it protects lives for minutes in one browser: keys that end with the process are enough, and no file is left in a home folder.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAuthentication().AddCookie(NoScheme).AddOpenIdConnect(Scheme, oidc => Configure(oidc, provider));
        return services;
    }

    /// <summary>Sends the browser to the provider.</summary>
    /// <param name="http">The request.</param>
    /// <param name="organisation">Which one to sign in to; null for the last.</param>
    /// <param name="returnTo">Where the browser goes afterwards; a path here, or it goes to the dashboard.</param>
    public static Task ChallengeAsync(HttpContext http, string? organisation, string? returnTo)
    {
        var properties = new AuthenticationProperties { RedirectUri = RedirectHttpResult.IsLocalUrl(returnTo) ? returnTo : "/" };
        if (organisation is not null)
            properties.Items[OrganisationItem] = organisation;
        return http.ChallengeAsync(Scheme, properties);
    }

    private static void Configure(OpenIdConnectOptions oidc, OidcOptions provider)
    {
        oidc.Authority = provider.Authority.ToString();
        oidc.ClientId = provider.ClientId;
        oidc.ClientSecret = provider.ClientSecret.Length == 0 ? null : provider.ClientSecret;
        oidc.RequireHttpsMetadata = provider.Authority.Scheme == Uri.UriSchemeHttps;
        oidc.ResponseType = OpenIdConnectResponseType.Code;
        // A form posted by the provider's page would need cookies that any other page's form gets too.
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.UsePkce = true;
        oidc.Scope.Clear();
        oidc.Scope.Add("openid");
        oidc.Scope.Add("email");
        oidc.CallbackPath = OidcOptions.CallbackPath;
        oidc.SignInScheme = NoScheme;
        oidc.MapInboundClaims = false;
        // Some providers name the e-mail there alone.
        oidc.GetClaimsFromUserInfoEndpoint = true;
        oidc.ClaimActions.Remove("iss");
        oidc.ClaimActions.MapUniqueJsonKey("email_verified", "email_verified");
        oidc.BackchannelTimeout = BackchannelTimeout;
        oidc.DisableTelemetry = true;
        foreach (var cookie in (CookieBuilder[])[oidc.NonceCookie, oidc.CorrelationCookie])
        {
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy = provider.PublicUrl?.Scheme == Uri.UriSchemeHttps ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        }
        oidc.Events.OnRedirectToIdentityProvider = context =>
        {
            if (provider.PublicUrl is { } url)
                context.ProtocolMessage.RedirectUri = new Uri(url, OidcOptions.CallbackPath).ToString();
            return Task.CompletedTask;
        };
        oidc.Events.OnTicketReceived = context => EnterAsync(context, provider);
        oidc.Events.OnRemoteFailure = async context =>
        {
            context.HttpContext.RequestServices.GetRequiredService<ILogger<Sessions>>().OidcFailed(context.Failure?.GetType().Name ?? "none");
            context.HandleResponse();
            await RefuseAsync(context.HttpContext, "", "failed");
        };
    }

    private static async Task EnterAsync(TicketReceivedContext context, OidcOptions provider)
    {
        context.HandleResponse();
        var http = context.HttpContext;
        var person = PersonOf(context.Principal!, provider);
        string? organisation = context.Properties?.Items.TryGetValue(OrganisationItem, out string? chosen) == true ? chosen : null;
        var member = await http.RequestServices.GetRequiredService<IOrganisations>().SignInAsync(person, organisation, http.PeerAddress(), http.RequestAborted);
        if (member is null)
        {
            await RefuseAsync(http, person.VerifiedEmail ?? "", person.VerifiedEmail is null ? "unverified" : "unknown");
            return;
        }
        await http.RequestServices.GetRequiredService<Sessions>().StartAsync(http, new SessionOwner(ActorKind.Member, member.Id));
        http.Response.Redirect(RedirectHttpResult.IsLocalUrl(context.ReturnUri) ? context.ReturnUri : "/");
    }

    private static SignedInPerson PersonOf(ClaimsPrincipal principal, OidcOptions provider)
    {
        string? email = principal.FindFirstValue("email");
        bool isVerified = provider.TrustsEmails || bool.TryParse(principal.FindFirstValue("email_verified"), out bool says) && says;
        return new SignedInPerson(principal.FindFirstValue("iss")!, principal.FindFirstValue("sub")!, isVerified ? email : null);
    }

    // The page says what happened in words; the address names only which of them.
    private static async Task RefuseAsync(HttpContext http, string email, string why)
    {
        if (http.RequestServices.GetRequiredService<SignInThrottle>().MayNote())
        {
            await http.RequestServices.GetRequiredService<IAuditLog>().NoteAsync(
                Tenant.Default, Actor.Nobody(http.PeerAddress()), new AuditNote(AuditActions.SignInRefused, email, $"by OpenID Connect: {why}"), http.RequestAborted);
        }
        http.Response.Redirect($"/?sign-in={why}");
    }

    private static string? FindFirstValue(this ClaimsPrincipal principal, string type) => principal.FindFirst(type)?.Value;
}
