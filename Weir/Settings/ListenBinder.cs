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
    public static ListenAddress? Api(Given given) => Plain(given, "The API");

    /// <summary>Where metrics are served; null when that cannot be used.</summary>
    public static ListenAddress? Metrics(Given given) => Plain(given, "The metrics' port");

    // HTTP/1.1 without TLS and without a PROXY header.
    private static ListenAddress? Plain(Given given, string who)
    {
        if (Read(given) is not { } address)
            return null;
        var plain = address with { IsHttps = false, IsHttp2Only = false, HasProxyHeader = false };
        if (address.HasProxyHeader)
            given.Refuse($"{who} reads no PROXY header.", $"Write {plain}.");
        else if (address.IsHttps)
            given.Refuse($"{who} does not end TLS.", $"Write {plain}, and reach it through an edge site or a proxy that does.");
        return address == plain ? address : null;
    }

    private static ListenAddress? Read(Given given)
    {
        if (ListenAddress.TryParse(given.Value, out var address))
            return address;
        given.Refuse($"'{given.Value}' is nothing to listen on.", $"Write {ListenAddress.Rule}.");
        return null;
    }
}
