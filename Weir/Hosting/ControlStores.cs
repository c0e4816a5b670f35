using Weir.Control;
using Weir.Control.Postgres;
using Weir.Scheduling;

namespace Weir.Hosting;

/// <summary>Opens the control store of the settings, with the scheduler's tables: the PostgreSQL that machines share, or the data folder's file.</summary>
internal static class ControlStores
{
    /// <summary>Opens it; the caller closes it.</summary>
    /// <param name="shared">The shared one; null for the data folder's.</param>
    /// <param name="folder">The data folder.</param>
    /// <param name="time">Clock.</param>
    /// <param name="key">Seals the secrets in it, for programs that use them; null for others.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="ControlException">It cannot be used.</exception>
    public static async Task<OpenedStore> OpenAsync(PostgresOptions? shared, string folder, TimeProvider time, CertificateKeyFile? key, CancellationToken stop)
    {
        if (shared is null)
        {
            var own = await ControlDatabase.OpenAsync(folder, [SchedulingMigrations.Set], time, key, stop);
            return new OpenedStore(own, own);
        }
        var postgres = await PostgresStore.OpenAsync(shared, [SchedulingMigrations.Set], key, stop);
        return new OpenedStore(postgres, postgres);
    }

    /// <summary>Opens it, works, and closes it.</summary>
    /// <exception cref="CommandException">The store cannot be used, or the work broke a rule of it.</exception>
    public static async Task UseAsync(PostgresOptions? shared, string folder, Func<IControlStore, Task> work, CancellationToken stop)
    {
        try
        {
            await using var opened = await OpenAsync(shared, folder, TimeProvider.System, null, stop);
            try
            {
                await work(opened.Store);
            }
            catch (Exception e) when (StoreOutage.Is(e))
            {
                throw StoreOutage.Explain(opened.Store, e);
            }
        }
        catch (Exception e) when (e is ControlException or SiteConflictException or MemberConflictException)
        {
            throw new CommandException(e.Message, e);
        }
    }
}

/// <summary>An open control store.</summary>
/// <param name="Store">What to ask.</param>
/// <param name="Closing">Closes it.</param>
internal sealed record OpenedStore(IControlStore Store, IAsyncDisposable Closing) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Closing.DisposeAsync();
}
