using System.Globalization;
using System.Net;
using Weir.Control;

namespace Weir.Proxy.Certificates.Orders;

/// <summary>Decides for which hosts certificates are ordered. Names come from the sites alone: what clients ask for never gets here.</summary>
/// <param name="options">Bounds.</param>
/// <param name="certificates">What is there; loaded.</param>
/// <param name="book">What was ordered before.</param>
/// <param name="addressesOf">Asks DNS; null when it did not answer.</param>
public sealed class OrderPlan(
    OrderOptions options, CertificateStore certificates, OrderBook book, Func<string, CancellationToken, Task<IReadOnlyList<IPAddress>?>> addressesOf)
{
    // Names below these are nobody's in public (RFC 6761, RFC 6762, RFC 7686, RFC 8375, RFC 9476), so no authority knows them.
    private static readonly string[] PrivateEndings = [".localhost", ".local", ".test", ".invalid", ".internal", ".onion", ".home.arpa", ".alt"];

    private int _ordered;

    /// <summary>One line a host of the sites: renewals first, those that end soonest before all others.</summary>
    public async IAsyncEnumerable<OrderLine> DecideAsync(
        IReadOnlyList<Site> sites, DateTimeOffset now, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        var hosts = sites.SelectMany(s => s.Hosts.Select(h => (Host: h, Site: s))).ToList();
        book.KeepOnly(hosts.Select(h => h.Host).ToHashSet(StringComparer.Ordinal));
        foreach (var (host, site) in hosts.OrderBy(h => certificates.LifeOf(h.Host)?.NotAfter ?? DateTimeOffset.MaxValue).ThenBy(h => h.Host, StringComparer.Ordinal))
            yield return ReasonToSkip(host, site) is { } why ? new OrderLine(host, OrderChoice.Skip, why) : await DecideAsync(host, now, stop);
    }

    private async Task<OrderLine> DecideAsync(string host, DateTimeOffset now, CancellationToken stop)
    {
        if (!IsDue(certificates, host, options.RenewWithin, now, out string state))
            return new OrderLine(host, OrderChoice.Keep, state);
        if (book.MustWait(host, now, out string failure))
            return new OrderLine(host, OrderChoice.Wait, failure);
        if (_ordered >= options.PerRun)
            return new OrderLine(host, OrderChoice.Wait, $"{state}; the budget of this run, {options.PerRun}, is used up");
        if (book.OrdersSince(now) + PlannedOnly >= options.PerDay)
            return new OrderLine(host, OrderChoice.Wait, $"{state}; the budget of 24 hours, {options.PerDay}, is used up");
        var found = await addressesOf(host, stop);
        if (ReasonOfDns(found) is { } elsewhere)
            return new OrderLine(host, OrderChoice.Skip, $"{state}; {elsewhere}");
        _ordered++;
        return new OrderLine(host, OrderChoice.Order, $"{state}; points here ({string.Join(", ", found!)})");
    }

    /// <summary>Set when nothing is ordered, so that the day's budget counts what would have been.</summary>
    public bool IsDryRun { get; init; }

    private int PlannedOnly => IsDryRun ? _ordered : 0;

    private static string? ReasonToSkip(string host, Site site)
    {
        if (host == "*")
            return "stands for any host: write the names that need a certificate";
        if (host.StartsWith("*.", StringComparison.Ordinal))
            return "a wildcard needs a DNS challenge: order it with your ACME client and your DNS";
        if (IPAddress.TryParse(host.Trim('[', ']'), out _))
            return "an address, no name";
        if (!host.Contains('.') || PrivateEndings.Any(e => host.EndsWith(e, StringComparison.Ordinal)))
            return "no public name";
        return site.AcmeToOrigin ? "its origin answers challenges (acmeToOrigin) and orders for itself" : null;
    }

    // Every address must be this edge's: authorities choose one, and a validation that fails counts against the site.
    private string? ReasonOfDns(IReadOnlyList<IPAddress>? found)
    {
        if (found is null)
            return "DNS does not answer for it";
        if (found.Count == 0)
            return "DNS knows no address of it";
        var others = found.Where(a => !options.Expected.Contains(a)).Take(4).ToList();
        return others.Count == 0 ? null
            : $"points to {string.Join(", ", others)}, which is not this edge ({string.Join(", ", options.Expected.Take(4))})";
    }

    /// <summary>Whether a host has no certificate, or one that ends so soon that it is time for the next.</summary>
    /// <param name="certificates">What is there.</param>
    /// <param name="host">The host.</param>
    /// <param name="within">How long before the end; not before the last third of the certificate's life.</param>
    /// <param name="now">The time.</param>
    /// <param name="state">What is there: a clause for people.</param>
    internal static bool IsDue(CertificateStore certificates, string host, TimeSpan within, DateTimeOffset now, out string state)
    {
        if (certificates.LifeOf(host) is not { } life)
        {
            state = "no certificate";
            return true;
        }
        var third = (life.NotAfter - life.NotBefore) / 3;
        var left = life.NotAfter - now;
        string day = life.NotAfter.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        state = left > TimeSpan.Zero ? $"certificate ends {day}" : $"certificate ended {day}";
        return left <= (within < third ? within : third);
    }
}
