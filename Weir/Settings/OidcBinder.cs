using System.Net;
using Weir.Analytics.Api.Access;

namespace Weir.Settings;

/// <summary>Reads which OpenID Connect provider members sign in with.</summary>
internal static class OidcBinder
{
    /// <summary>Reads the section; null when it is not given.</summary>
    public static OidcOptions? Bind(Section oidc, string folder)
    {
        if (oidc.Node is null)
            return null;
        string secret = SettingsBinder.Password(oidc, folder, "clientSecret");
        var authority = oidc.Text("authority") is { } issuer ? Url(issuer, "https://id.example.com/realms/main", takesPath: true) : null;
        string id = oidc.Text("clientId")?.Value.Trim() ?? "";
        if (oidc.Text("authority") is null)
            oidc.Errors.Add(oidc.At, oidc.PathOf("authority"), "A provider is described without its address.", "Write \"authority\": its issuer, such as https://id.example.com/realms/main.");
        if (id.Length == 0)
            oidc.Errors.Add(oidc.At, oidc.PathOf("clientId"), "A provider is described without what it calls this installation.", "Write \"clientId\": as it stands at the provider.");
        var publicUrl = oidc.Text("publicUrl") is { } url ? Url(url, "https://weir.example.com", takesPath: false) : null;
        return authority is null ? null : new OidcOptions
        {
            Authority = authority,
            ClientId = id,
            ClientSecret = secret,
            PublicUrl = publicUrl,
            TrustsEmails = oidc.Boolean("trustEmails", false),
        };
    }

    // Tokens and codes travel there, so only to this machine without TLS.
    private static Uri? Url(Given given, string example, bool takesPath)
    {
        if (Uri.TryCreate(given.Value.Trim(), UriKind.Absolute, out var url) && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0
            && (takesPath || url.AbsolutePath == "/")
            && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && (url.IsLoopback || IPAddress.TryParse(url.Host, out var address) && IPAddress.IsLoopback(address)))))
            return url;
        given.Refuse($"'{given.Value}' cannot be used.", $"Write an https URL{(takesPath ? "" : " without a path")}, such as {example}; http is taken for this machine alone.");
        return null;
    }
}
