using System.Globalization;
using ClickHouse.Driver;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Privacy;

/// <summary>The rows of a subject, table by table: counted, deleted, counted again.</summary>
/// <remarks>
/// A site's rows name it. An address's are found in <c>hits</c> and in tables of addresses; the rest by the hits' keys, which are put into
/// <c>deletion_keys</c> first. So no statement that changes rows holds an address: ClickHouse keeps those in files of its own.
/// </remarks>
internal sealed class SubjectRows(ClickHouseConnections connections, Mutations mutations, DataSubject subject)
{
    private const string Hourly = "hits_hourly";

    private const string ByKey = "(site, time, hit_id) IN (SELECT site, time, hit_id FROM deletion_keys WHERE deletion = {deletion:String} AND hit_id != 0)";
    private const string ByAddress = "client_address IN (SELECT client_address FROM deletion_keys WHERE deletion = {deletion:String} AND hit_id = 0)";
    private const string At = "fromUnixTimestamp64Milli({at:Int64}, 'UTC')";
    private const string BySite = "site = {site:String}";

    private static readonly QueryOptions Quiet = new()
    {
        CustomSettings = new Dictionary<string, object> { ["insert_deduplicate"] = 0, ["async_insert"] = 0, ["log_queries"] = 0 },
    };

    /// <summary>Begins the ids under which rows are counted only: whatever is left under them is never deleted.</summary>
    public const string CountingPrefix = "count-";

    private bool IsSite => subject.Addresses is null;

    /// <summary>Notes whose rows are meant, and counts them in every table that can have some.</summary>
    public async Task<List<(StoredTable Table, long Rows)>> CollectAsync(string deletion, CancellationToken stop)
    {
        var tables = (await StoredTable.AllAsync(connections.Client, stop)).Where(IsMeant).ToList();
        if (!IsSite)
            await NoteKeysAsync(tables, deletion, stop);
        List<(StoredTable, long)> found = [];
        foreach (var table in tables)
            found.Add((table, await CountAsync($"SELECT count() FROM {{table:Identifier}} WHERE {WhereOf(table)}", table.Name, deletion, stop)));
        return found;
    }

    /// <summary>Deletes a table's rows; gives how many of them are left.</summary>
    public async Task<long> DeleteAsync(StoredTable table, string deletion, CancellationToken stop)
    {
        await mutations.RunAsync(table.Name, $"ALTER TABLE {{table:Identifier}} DELETE WHERE {WhereOf(table)}", Parameters(deletion), stop);
        return await CountAsync($"SELECT count() FROM {{table:Identifier}} WHERE {WhereOf(table)}", table.Name, deletion, stop);
    }

    /// <summary>Deletes what the keys of a killed deletion name.</summary>
    public async Task DeleteByKeysAsync(string deletion, CancellationToken stop)
    {
        foreach (var table in await StoredTable.AllAsync(connections.Client, stop))
        {
            if (table.HasHits || table.HasAddresses)
                await mutations.RunAsync(table.Name, $"ALTER TABLE {{table:Identifier}} DELETE WHERE {(table.HasHits ? ByKey : ByAddress)}", [("deletion", deletion)], stop);
        }
    }

    /// <summary>Notes the hits of a deleted site that came meanwhile, so that their hours are counted again.</summary>
    public async Task KeepRestAsync(string deletion, CancellationToken stop)
    {
        if (IsSite)
            await NoteAsync("INSERT INTO deletion_keys (deletion, site, time, hit_id) SELECT {deletion:String}, site, time, hit_id FROM hits WHERE site = {site:String}", deletion, stop);
    }

    /// <summary>Rows from before a time that are there now, table by table.</summary>
    public async Task<List<(string Table, long Rows)>> RestAsync(DateTimeOffset at, CancellationToken stop)
    {
        List<(string, long)> rest = [];
        foreach (var table in (await StoredTable.AllAsync(connections.Client, stop)).Where(IsMeant))
        {
            // Without the hit nothing leads from the others to the address.
            string? where = (IsSite, table) switch
            {
                (true, { Name: Hourly }) => $"{BySite} AND hour < toStartOfHour({At})",
                (true, { HasTimes: true }) => $"{BySite} AND time < {At}",
                (true, _) => BySite,
                (false, { HasForms: true }) => $"{DataSubject.HitsSql} AND time < {At}",
                (false, { HasHits: false, HasAddresses: true }) => DataSubject.AddressesSql,
                _ => null,
            };
            rest.Add((table.Name, where is null ? 0
                : Number(await connections.Client.ExecuteScalarAsync($"SELECT count() FROM {{table:Identifier}} WHERE {where}",
                    QueryParameters.Of([("table", table.Name), ("at", at.ToUnixTimeMilliseconds()), .. subject.Parameters]), Quiet, stop))));
        }
        return rest;
    }

    /// <summary>Hits that came after a time.</summary>
    public async Task<long> SinceAsync(DateTimeOffset at, CancellationToken stop) => Number(await connections.Client.ExecuteScalarAsync(
        $"SELECT count() FROM hits WHERE {DataSubject.HitsSql} AND time >= fromUnixTimestamp64Milli({{at:Int64}}, 'UTC')",
        QueryParameters.Of([("at", at.ToUnixTimeMilliseconds()), .. subject.Parameters]), Quiet, stop));

    /// <summary>Truncated hits of networks in which the address lies and that are not all meant.</summary>
    public async Task<long> NetworksAsync(CancellationToken stop)
    {
        if (IsSite || subject.HoldsNetworks)
            return 0;
        return Number(await connections.Client.ExecuteScalarAsync(
            """
            SELECT count() FROM hits
            WHERE address_form = 'truncated' AND ({any_site:Bool} OR site = {site:String})
              AND client_address = toIPv6({network:String})
            """, QueryParameters.Of([("network", subject.Network), .. subject.Parameters]), Quiet, stop));
    }

    /// <summary>Forgets the keys of a deletion.</summary>
    public Task DropKeysAsync(string deletion) =>
        connections.Client.ExecuteNonQueryAsync("ALTER TABLE deletion_keys DROP PARTITION {deletion:String}", QueryParameters.Of(("deletion", deletion)), Quiet, CancellationToken.None);

    /// <summary>Deletions that were killed in the middle. One that another program has under way is among them, and is done twice, which is as good.</summary>
    public async Task<List<string>> KilledAsync(CancellationToken stop)
    {
        List<string> killed = [];
        await using var row = await connections.Client.ExecuteReaderAsync(
            "SELECT DISTINCT deletion FROM deletion_keys WHERE NOT startsWith(deletion, {counting:String})",
            QueryParameters.Of(("counting", CountingPrefix)), cancellationToken: stop);
        while (await row.ReadAsync(stop))
            killed.Add(row.GetString(0));
        return killed;
    }

    // A table of addresses that knows no site cannot tell whose they are at one site.
    private bool IsMeant(StoredTable table) => IsSite ? table.HasSites : table.HasHits || (table.HasAddresses && subject.Site is null);

    private string WhereOf(StoredTable table) => IsSite ? BySite : table.HasHits ? ByKey : ByAddress;

    private async Task NoteKeysAsync(List<StoredTable> tables, string deletion, CancellationToken stop)
    {
        foreach (var table in tables.Where(t => t.HasForms || (t.HasAddresses && !t.HasHits)))
        {
            await NoteAsync(
                table.HasForms
                    ? $"INSERT INTO deletion_keys (deletion, site, time, hit_id) SELECT {{deletion:String}}, site, time, hit_id FROM {{table:Identifier}} WHERE {DataSubject.HitsSql}"
                    : $"INSERT INTO deletion_keys (deletion, client_address) SELECT DISTINCT {{deletion:String}}, client_address FROM {{table:Identifier}} WHERE {DataSubject.AddressesSql}",
                deletion, stop, table.Name);
        }
    }

    private async Task NoteAsync(string sql, string deletion, CancellationToken stop, string table = StoredTable.Hits) =>
        await connections.Client.ExecuteNonQueryAsync(sql, QueryParameters.Of([("table", table), .. Parameters(deletion)]), Quiet, stop);

    private async Task<long> CountAsync(string sql, string table, string deletion, CancellationToken stop) =>
        Number(await connections.Client.ExecuteScalarAsync(sql, QueryParameters.Of([("table", table), .. Parameters(deletion)]), Quiet, stop));

    private (string, object)[] Parameters(string deletion) => [("deletion", deletion), .. subject.Parameters];

    private static long Number(object? count) => Convert.ToInt64(count, CultureInfo.InvariantCulture);
}
