using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using ClickHouse.Driver;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Privacy;

/// <summary>One row of what is held.</summary>
/// <param name="Table">Where.</param>
/// <param name="Json">The row as one JSON object on one line, every column by its name.</param>
public readonly record struct HeldRow(string Table, string Json);

/// <summary>Gives all that the store holds of a site or of an address, every column of every table.</summary>
/// <param name="endpoint">The store.</param>
/// <param name="time">Clock.</param>
public sealed class StoreExport(ClickHouseEndpoint endpoint, TimeProvider time) : IDisposable
{
    private const string HitKeys = $"SELECT site, time, hit_id FROM hits WHERE {DataSubject.HitsSql}";

    private readonly ClickHouseConnections _connections = new(endpoint);

    /// <summary>Waits until the edges have delivered what they hold now.</summary>
    /// <returns>Those that did not say so: what they hold is not in the export.</returns>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task<IReadOnlyList<OpenWriter>> WaitForWritersAsync(TimeSpan patience, CancellationToken stop = default)
    {
        try
        {
            return await new WritersWait(_connections, time).RunAsync(time.GetUtcNow(), patience, [], stop);
        }
        catch (Exception e) when (InsertFailure.IsOfStore(e))
        {
            throw new StoreException(InsertFailure.Sentence(e), e);
        }
    }

    /// <summary>Every row, table by table. Columns are all of a table's, whatever a later migration adds.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async IAsyncEnumerable<HeldRow> ReadAsync(DataSubject subject, [EnumeratorCancellation] CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        var tables = await GuardAsync(() => StoredTable.AllAsync(_connections.Client, stop));
        foreach (var table in tables)
        {
            if (WhereOf(table, subject) is not { } where)
                continue;
            using var result = await GuardAsync(() => _connections.Client.ExecuteRawResultAsync(
                $"SELECT * FROM {{table:Identifier}} WHERE {where} FORMAT JSONEachRow", OptionsOf(table.Name, subject), stop));
            await using var stream = await result.ReadAsStreamAsync();
            using var lines = new StreamReader(stream, Encoding.UTF8);
            while (await lines.ReadLineAsync(stop) is { } line)
            {
                if (line.Length > 0)
                    yield return new HeldRow(table.Name, line);
            }
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _connections.Dispose();

    private static string? WhereOf(StoredTable table, DataSubject subject) => (subject.Addresses, table) switch
    {
        // Sets of clients say nothing to anybody outside of ClickHouse.
        (_, { Name: "hits_hourly" }) => null,
        (null, { HasSites: true }) => "site = {site:String}",
        (null, _) => null,
        (_, { HasForms: true }) => DataSubject.HitsSql,
        (_, { HasHits: true }) => $"(site, time, hit_id) IN ({HitKeys})",
        (_, { HasAddresses: true }) when subject.Site is null => DataSubject.AddressesSql,
        _ => null,
    };

    private static QueryOptions OptionsOf(string table, DataSubject subject)
    {
        var settings = new Dictionary<string, object>
        {
            ["log_queries"] = 0,
            ["output_format_json_quote_64bit_integers"] = 1,
            ["output_format_json_escape_forward_slashes"] = 0,
            ["param_table"] = table,
        };
        foreach (var (name, value) in subject.Parameters)
            settings[$"param_{name}"] = value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture)!;
        return new QueryOptions { CustomSettings = settings };
    }

    private static async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (InsertFailure.IsOfStore(e))
        {
            throw new StoreException(InsertFailure.Sentence(e), e);
        }
    }
}
