using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Control;
using Weir.Delivery;

namespace Weir.Scheduling.Webhooks;

/// <summary>Seals, when the program starts, the secrets of destinations and inbound endpoints that stand in the store in clear, and says so when the key is not the one that
/// the others were sealed with.</summary>
public sealed class SecretSealing(IControlStore store, SqlInboundEndpoints inbound, TimeProvider time, ILogger<SecretSealing> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bool isTold = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SealAsync(stoppingToken);
                return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (!isTold)
                    log.SecretsNotSealed(e.Message);
                isTold = true;
            }
            catch (Exception)
            {
                // The program ends; the next one seals.
                return;
            }
            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Seals all of them once.</summary>
    internal async Task SealAsync(CancellationToken stop)
    {
        var destinations = new SqlDestinations(store);
        int done = await destinations.SealAllAsync(stop) + await inbound.SealAllAsync(stop);
        if (done > 0)
            log.SecretsSealed(done);
        await destinations.TryKeyAsync(stop);
    }
}
