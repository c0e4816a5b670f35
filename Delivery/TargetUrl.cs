using System.Diagnostics.CodeAnalysis;

namespace Weir.Delivery;

/// <summary>Which URLs messages may be sent to, as far as their text tells; where a name leads is judged at the connection (<see cref="GuardedHttp"/>).</summary>
public static class TargetUrl
{
    private const int CharsMax = 2048;

    /// <summary>Reads a URL; when it cannot be used, <paramref name="why"/> says what to write.</summary>
    public static bool TryParse(string? text, DeliveryOptions options, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out string? why)
    {
        url = null;
        if (text is not { Length: > 0 and <= CharsMax } || !Uri.TryCreate(text, UriKind.Absolute, out var given) || text.Any(char.IsControl))
            why = $"must be a URL of at most {CharsMax} characters, such as https://example.com/hooks/weir";
        else if (given.Scheme != Uri.UriSchemeHttps && !(options.AllowsHttp && given.Scheme == Uri.UriSchemeHttp))
            why = "must begin with https:// (whoever runs this installation may allow http in its settings)";
        else if (given.UserInfo.Length > 0)
            why = "must not hold a user or password";
        else
            why = given.Fragment.Length > 0 ? "must not have a fragment (#)" : null;
        if (why is not null)
            return false;
        url = new Uri(text!);
        return true;
    }
}
