using Weir.Control;

namespace Weir.Proxy.Certificates.Orders;

/// <summary>One run over the hosts of the sites: orders where one is missing or ends soon, within the budgets.</summary>
/// <param name="plan">Decides.</param>
/// <param name="program">Orders.</param>
/// <param name="certificates">The edge's certificates, loaded.</param>
/// <param name="book">Keeps account.</param>
/// <param name="options">Bounds.</param>
/// <param name="time">Clock.</param>
public sealed class CertificateOrders(
    OrderPlan plan, AcmeProgram program, CertificateStore certificates, OrderBook book, OrderOptions options, TimeProvider time)
{
    /// <summary>Goes through the hosts one by one.</summary>
    /// <param name="sites">The sites in force.</param>
    /// <param name="folder">Where the edge reads certificates, for messages.</param>
    /// <param name="webroot">The challenge folder that the edge answers from.</param>
    /// <param name="tell">Told each decision, and how each order ended (null: well).</param>
    /// <param name="stop">Ends the run; an order under way is ended too.</param>
    public async Task RunAsync(IReadOnlyList<Site> sites, string folder, string webroot, Action<OrderLine, string?> tell, CancellationToken stop)
    {
        await foreach (var line in plan.DecideAsync(sites, time.GetUtcNow(), stop))
        {
            string? failure = line.Choice == OrderChoice.Order && !plan.IsDryRun ? await OrderAsync(line.Host, folder, webroot, stop) : null;
            tell(line, failure);
        }
    }

    private async Task<string?> OrderAsync(string host, string folder, string webroot, CancellationToken stop)
    {
        book.Begin(host, time.GetUtcNow());
        string? why = await program.OrderAsync(host, webroot, stop);
        // A client that puts its files elsewhere would be asked again at each run, and use up what the authority allows.
        if (why is null)
        {
            certificates.Load();
            if (OrderPlan.IsDue(certificates, host, options.RenewWithin, time.GetUtcNow(), out string state))
                why = $"the ACME client ended well, but in {folder} it is still so: {state}. Let the client put its files there";
        }
        book.End(host, why, time.GetUtcNow());
        return why;
    }
}
