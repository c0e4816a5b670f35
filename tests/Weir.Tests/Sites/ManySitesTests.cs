using System.Net;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection;
using Weir.Sites;

namespace Weir.Tests.Sites;

/// <summary>10,000 sites, of which 1,000 are changed, added and removed while requests run.</summary>
public sealed class ManySitesTests : IAsyncLifetime
{
    private const int Count = 10_000;
    private const int Changed = 800;
    private const int Others = 100;
    private const int Clients = 4;

    private readonly SiteRun _run = new();
    private long _requests;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _run.StartOriginsAsync();

    public ValueTask DisposeAsync() => _run.DisposeAsync();

    [Fact]
    public async Task A_thousand_site_files_change_under_load_and_no_request_fails()
    {
        for (int i = 0; i < Count; i++)
            _run.Site($"s{i}", _run.Old);
        var sites = _run.Open();
        var edge = await _run.StartEdgeAsync(sites);

        await ChangeUnderLoadAsync(edge, sites, () =>
        {
            for (int i = 0; i < Changed; i++)
                _run.Site($"s{i}", _run.New);
            for (int i = 0; i < Others; i++)
            {
                _run.Site($"s{Count + i}", _run.New);
                File.Delete(Path.Combine(_run.Folder, $"s{Changed + i}.json"));
            }
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task A_thousand_definitions_in_the_control_store_change_under_load_and_no_request_fails()
    {
        await using var control = await _run.OpenControlAsync();
        var definitions = new SqlSiteDefinitions(control, TimeProvider.System);
        for (int i = 0; i < Count; i++)
            await PutAsync(definitions, i, _run.Old);
        var sites = _run.Open();
        await sites.FollowAsync(definitions, _run.Read(), _run.Log, Stop);
        var edge = await _run.StartEdgeAsync(sites);

        await ChangeUnderLoadAsync(edge, sites, async () =>
        {
            for (int i = 0; i < Changed; i++)
                await PutAsync(definitions, i, _run.New);
            for (int i = 0; i < Others; i++)
            {
                await PutAsync(definitions, Count + i, _run.New);
                await definitions.RemoveAsync(SiteId.Parse($"s{Changed + i}"), Tenant.Default, null, new Actor(ActorKind.Account, "test"), stop: Stop);
            }
        });
    }

    private static Task PutAsync(SqlSiteDefinitions definitions, int i, Uri origin) =>
        definitions.PutAsync(SiteId.Parse($"s{i}"), Tenant.Default, SiteRun.Json($"s{i}", origin), null, new Actor(ActorKind.Account, "test"), stop: Stop);

    private async Task ChangeUnderLoadAsync(Uri edge, SiteSources sites, Func<Task> change)
    {
        Assert.Equal(Count, sites.InForce.Sites.Count);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = edge };
        using var done = new CancellationTokenSource();
        var load = Enumerable.Range(0, Clients).Select(seed => LoadAsync(client, new Random(seed), done.Token)).ToList();

        await change();
        // All of them, in the end: each is asked until it answers its new way.
        for (int i = 0; i < Changed; i++)
            await UntilAsync(client, i, (HttpStatusCode.OK, "new"), load);
        for (int i = 0; i < Others; i++)
        {
            await UntilAsync(client, Count + i, (HttpStatusCode.OK, "new"), load);
            await UntilAsync(client, Changed + i, (HttpStatusCode.MisdirectedRequest, null), load);
        }
        await done.CancelAsync();
        await Task.WhenAll(load);
        Assert.Equal(Count, sites.InForce.Sites.Count);
        Assert.True(Interlocked.Read(ref _requests) > 100, "there was load");
    }

    private static async Task UntilAsync(HttpClient client, int site, (HttpStatusCode Status, string? Body) wanted, List<Task> load)
    {
        while (true)
        {
            if (load.FirstOrDefault(l => l.IsFaulted) is { } failed)
                await failed;
            var (status, body) = await AskAsync(client, site);
            if (status == wanted.Status && (wanted.Body is null || body == wanted.Body))
                return;
        }
    }

    // Sites that stay or change answer every single time; those that are added and removed may be unknown meanwhile.
    private async Task LoadAsync(HttpClient client, Random random, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            int site = random.Next(Count);
            var (status, body) = await AskAsync(client, site);
            Interlocked.Increment(ref _requests);
            bool mayBeGone = site is >= Changed and < Changed + Others;
            bool isExpected = (status == HttpStatusCode.OK && (body == "old" || (body == "new" && site < Changed))) || (mayBeGone && status == HttpStatusCode.MisdirectedRequest);
            Assert.True(isExpected, $"s{site} answered {(int)status} {body}");
        }
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(HttpClient client, int site)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, client.BaseAddress);
        request.Headers.Host = (site % 3) switch { 0 => "", 1 => "www.", _ => "any." } + $"s{site}.example";
        using var response = await client.SendAsync(request, Stop);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Stop));
    }
}
