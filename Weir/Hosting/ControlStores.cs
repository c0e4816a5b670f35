using Weir.Control;
using Weir.Control.Postgres;
using Weir.Control.Sql;
using Weir.Scheduling;

namespace Weir.Hosting;

/// <summary>The control stores of one run: this machine's own in the data folder, and the one that counts for tenants, sites, definitions and keys.</summary>
internal sealed class ControlStores : IAsyncDisposable
{
    private readonly PostgresStore? _postgres;

    private ControlStores(ControlDatabase own, PostgresStore? postgres)
    {
        Own = own;
        _postgres = postgres;
    }

    /// <summary>The data folder's: the scheduler's tables, and everything when nothing is shared.</summary>
    public ControlDatabase Own { get; }

    /// <summary>Tenants, sites, definitions and keys.</summary>
    public IControlStore Shared => _postgres ?? (IControlStore)Own;

    /// <summary>Whose sites are whose.</summary>
    public ISites Sites => _postgres is null ? new SqlSites(Own, TimeProvider.System) : new MirroredSites(_postgres, Own, TimeProvider.System);

    /// <summary>Opens both.</summary>
    /// <exception cref="ControlException">One cannot be used.</exception>
    public static async Task<ControlStores> OpenAsync(PostgresOptions? shared, string folder, CancellationToken stop)
    {
        var own = await ControlDatabase.OpenAsync(folder, [SchedulingMigrations.Set], TimeProvider.System, stop);
        try
        {
            return new ControlStores(own, shared is null ? null : await PostgresStore.OpenAsync(shared, stop));
        }
        catch
        {
            await own.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens the one that counts, works, and closes it.</summary>
    /// <exception cref="CommandException">The store cannot be used, or the work broke a rule of it.</exception>
    public static async Task UseAsync(PostgresOptions? shared, string folder, Func<IControlStore, Task> work, CancellationToken stop)
    {
        try
        {
            if (shared is null)
            {
                await using var own = await ControlDatabase.OpenAsync(folder, [SchedulingMigrations.Set], TimeProvider.System, stop);
                await WorkAsync(own, work);
            }
            else
            {
                await using var postgres = await PostgresStore.OpenAsync(shared, stop);
                await WorkAsync(postgres, work);
            }
        }
        catch (Exception e) when (e is ControlException or SiteConflictException or MemberConflictException)
        {
            throw new CommandException(e.Message, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        await Own.DisposeAsync();
    }

    private static async Task WorkAsync(IControlStore store, Func<IControlStore, Task> work)
    {
        try
        {
            await work(store);
        }
        catch (Exception e) when (StoreOutage.Is(e))
        {
            throw StoreOutage.Explain(store, e);
        }
    }
}
