using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection.Identification;
using Weir.Hosting;
using Weir.Proxy;
using Weir.Proxy.Certificates;
using Weir.Proxy.Certificates.Orders;
using Weir.Settings;
using Weir.Sites;

namespace Weir.Commands;

/// <summary>Runs of <c>weir certificates order</c>: the sites and certificates as they are, told line by line.</summary>
internal sealed class CertificateOrderRun(
    OrderOptions options, bool isDryRun, Func<WeirSettings, AcmeProgram> programFor, TimeProvider time, TextWriter output)
{
    private const string BookName = "certificate-orders.json";
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>One run.</summary>
    /// <param name="settings">Checked settings.</param>
    /// <param name="source">What they were read from.</param>
    /// <param name="stop">Ends the run.</param>
    /// <returns>Whether every order ended well.</returns>
    /// <exception cref="CommandException">The settings name no folders, or there is no such ACME client.</exception>
    public async Task<bool> OnceAsync(WeirSettings settings, SettingsSource source, CancellationToken stop)
    {
        if (settings.Certificates is not { Folder: { } folder, ChallengeFolder: { } webroot })
            throw new CommandException("certificates.folder and certificates.challengeFolder are needed: the edge reads one and answers challenges from the other. See docs/certificates.md.");
        var program = programFor(settings);
        PrivateFile.EnsureFolder(settings.Data);
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new EdgeMetrics(services.GetRequiredService<IMeterFactory>());
        // The sites in force of a running weir are among these: what it keeps in the data folder holds the control store's.
        using var sites = SiteSources.Open(settings, source, settings.Data, hasControl: true, NullLoggerFactory.Instance);
        await using var control = await OpenControlAsync(settings, stop);
        var stored = control is null ? null : new SqlStoredCertificates(control.Store, settings.CertificateKey, time);
        var certificates = new CertificateStore(settings.Certificates with { DefaultHost = null }, metrics, time, NullLogger<CertificateStore>.Instance, stored);
        certificates.Load();
        using var book = OrderBook.Open(Path.Combine(settings.Data, BookName));
        var dns = new HostAddresses(settings.ReverseDns?.Servers ?? [], time);
        var plan = new OrderPlan(options, certificates, book, dns.OfAsync) { IsDryRun = isDryRun };
        var orders = new CertificateOrders(plan, program, certificates, book, options, time);
        var tally = new Tally();
        try
        {
            await orders.RunAsync(sites.InForce.Sites, folder, webroot, (line, failure) => Tell(line, failure, tally), stop);
        }
        catch (FileNotFoundException e)
        {
            throw new CommandException($"{e.Message}.", e);
        }
        output.WriteLine($"{tally.Ordered} {(isDryRun ? "to order" : "ordered")}, {tally.Failed} failed, {tally.Kept} kept, {tally.Waiting} waiting, {tally.Skipped} skipped");
        return tally.Failed == 0;
    }

    /// <summary>Runs again and again until stopped. What goes wrong in a run is told, and the next one comes all the same.</summary>
    public async Task<int> WatchAsync(Func<WeirSettings> settings, SettingsSource source, TextWriter error, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                try
                {
                    await OnceAsync(settings(), source, stop);
                }
                catch (Exception e) when (e is CommandException or IOException or UnauthorizedAccessException)
                {
                    error.WriteLine($"weir: {e.Message}");
                }
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop.
        }
        return 0;
    }

    // Hosts with a certificate there need none. Whoever may not read that store orders by the folder alone.
    private async Task<OpenedStore?> OpenControlAsync(WeirSettings settings, CancellationToken stop)
    {
        if (settings.SharedControl is null && !File.Exists(Path.Combine(settings.Data, "control.db")))
            return null;
        try
        {
            return await ControlStores.OpenAsync(settings.SharedControl, settings.Data, time, null, stop);
        }
        catch (ControlException e)
        {
            output.WriteLine($"note     certificates of the control store are not seen: {e.Message}");
            return null;
        }
    }

    private void Tell(OrderLine line, string? failure, Tally tally)
    {
        string word = failure is not null ? "FAILED" : line.Choice switch
        {
            OrderChoice.Order => isDryRun ? "order" : "ordered",
            OrderChoice.Keep => "keep",
            OrderChoice.Wait => "wait",
            _ => "skip",
        };
        tally.Count(line.Choice, failure is not null);
        output.WriteLine($"{word,-8} {TerminalText.Clean(line.Host, 253)}: {line.Why}{(failure is null ? "" : $"; {TerminalText.Clean(failure, 600)}")}");
        output.Flush();
    }

    private sealed class Tally
    {
        public int Ordered { get; private set; }

        public int Failed { get; private set; }

        public int Kept { get; private set; }

        public int Waiting { get; private set; }

        public int Skipped { get; private set; }

        public void Count(OrderChoice choice, bool hasFailed)
        {
            Failed += hasFailed ? 1 : 0;
            Ordered += choice == OrderChoice.Order && !hasFailed ? 1 : 0;
            Kept += choice == OrderChoice.Keep ? 1 : 0;
            Waiting += choice == OrderChoice.Wait ? 1 : 0;
            Skipped += choice == OrderChoice.Skip ? 1 : 0;
        }
    }
}
