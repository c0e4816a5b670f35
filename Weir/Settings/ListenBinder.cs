using Weir.Proxy.Connection;

namespace Weir.Settings;

/// <summary>Reads where the edge and the API listen.</summary>
internal static class ListenBinder
{
    /// <summary>Where the edge listens.</summary>
    /// <param name="root">All settings.</param>
    /// <param name="otherwise">What holds when nothing usable is given.</param>
    public static IReadOnlyList<ListenAddress> Bind(Section root, IReadOnlyList<ListenAddress> otherwise)
    {
        if (!root.Has("listen"))
            return otherwise;
        bool hasProxies = root.Texts("trustedProxies").Any();
        var all = new List<ListenAddress>();
        foreach (var given in root.Texts("listen"))
        {
            if (Read(given) is not { } address)
                continue;
            if (address.HasProxyHeader && !hasProxies)
                given.Refuse("Nobody may send a PROXY header: there are no trusted proxies.", "Write the balancer's prefix into trustedProxies.");
            all.Add(address);
        }
        return all.Count > 0 ? all : otherwise;
    }

    /// <summary>Where the API listens; null when that cannot be used.</summary>
    public static ListenAddress? Api(Given given)
    {
        var address = Read(given);
        if (address is { HasProxyHeader: true })
        {
            given.Refuse("The API reads no PROXY header.", $"Write {address with { IsHttps = false, HasProxyHeader = false }}.");
            return null;
        }
        if (address is null or { IsHttps: false })
            return address;
        given.Refuse("The API does not end TLS.", $"Write {address with { IsHttps = false }}, and reach it through an edge site or a proxy that does.");
        return null;
    }

    private static ListenAddress? Read(Given given)
    {
        if (ListenAddress.TryParse(given.Value, out var address))
            return address;
        given.Refuse($"'{given.Value}' is nothing to listen on.", $"Write {ListenAddress.Rule}.");
        return null;
    }
}
