namespace Weir.Scheduling.Tests;

/// <summary>Tests that hold for every store: a class for each store says how one is made.</summary>
public abstract class StoreContract : IAsyncLifetime
{
    private protected Store Store { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Store = await NewStoreAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Store.DisposeAsync();
    }

    private protected abstract Task<Store> NewStoreAsync();
}
