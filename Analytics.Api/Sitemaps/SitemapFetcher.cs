using System.Text;
using ClickHouse.Driver.ADO.Parameters;
using Microsoft.Extensions.DependencyInjection;
using Weir.Analytics.Api.Reports;
using Weir.Control;
using Weir.Detection;
using Weir.Detection.Identification;
using Weir.Detection.Robots;
using Weir.Scheduling;

namespace Weir.Analytics.Api.Sitemaps;

/// <summary>Fetches a site's sitemap, all files of an index, and puts it in force. Safe from any thread.</summary>
/// <remarks>All or nothing: a file that cannot be had refuses the whole, since pages that are left out would look like pages that are gone.</remarks>
internal sealed class SitemapFetcher(
    SitemapStore sitemaps, SitemapTriggers triggers, ISites sites, SqlSitemapFetches wishes, ReportStore store, ISiteFiles files, IServiceProvider services, HostResolver resolve, TimeProvider time)
{
    /// <summary>Files of one sitemap, indexes among them.</summary>
    public const int FilesMax = 1_000;

    /// <summary>For all files together.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // The newest robots.txt of each host; a thousand hosts name their sitemaps in far fewer.
    private const string RobotsSql = $$"""
        SELECT host, argMax(text, time) FROM robots_versions WHERE site = {site:String} GROUP BY host ORDER BY host LIMIT 100
        {{ReportStore.Limits}}
        """;

    /// <summary>Fetches, and notes what came of it.</summary>
    /// <param name="site">Whose.</param>
    /// <param name="url">Where it is; empty for what the site's robots.txt names, else /sitemap.xml of its first host.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="SitemapException">It cannot be had whole; the one before stays.</exception>
    public async Task FetchAsync(SiteId site, string url, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            var settings = await SettingsOfAsync(site, either.Token);
            using var http = new SitemapHttp(settings, resolve, time);
            var (pages, read) = await ReadAsync(http, await BeginAsync(site, settings, url, either.Token), either.Token);
            if (await sites.FindAsync(site, either.Token) is { } known)
                await triggers.RecordAsync(new Reach(known.Tenant), site, pages, either.Token);
            await sitemaps.PutAsync(site, pages, isAdded: false, either.Token);
            await wishes.FetchedAsync(site, read, pages.Count, stop);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            await wishes.FailedAsync(site, $"Not all of it came within {Patience.TotalMinutes:0} minutes.", stop);
            throw new SitemapException($"Not all of it came within {Patience.TotalMinutes:0} minutes.");
        }
        catch (SitemapException e)
        {
            await wishes.FailedAsync(site, e.Message, stop);
            throw;
        }
    }

    private static async Task<(IReadOnlyList<SitemapPage> Pages, int Files)> ReadAsync(SitemapHttp http, IReadOnlyList<Uri> begin, CancellationToken stop)
    {
        var pages = new Dictionary<(string, string, string), SitemapPage>();
        var seen = new HashSet<string>(begin.Select(u => u.AbsoluteUri), StringComparer.Ordinal);
        var waiting = new Queue<Uri>(begin);
        while (waiting.TryDequeue(out var at))
        {
            Sitemap sitemap;
            try
            {
                sitemap = await http.GetAsync(at, stop);
            }
            catch (SitemapException e)
            {
                throw new SitemapException($"{Bounded(at)}: {e.Message}", e);
            }
            foreach (var page in sitemap.Pages)
                pages[(page.Host, page.Path, page.Query)] = page;
            foreach (string child in sitemap.Children.Where(seen.Add))
                waiting.Enqueue(new Uri(child));
            if (seen.Count > FilesMax || pages.Count > SitemapReader.PagesMax)
                throw new SitemapException($"{Bounded(begin[0])}: A sitemap that is fetched has at most {FilesMax} files and {SitemapReader.PagesMax} pages.");
        }
        return pages.Count > 0 ? ([.. pages.Values], seen.Count) : throw new SitemapException($"{Bounded(begin[0])}: It has no page.");
    }

    private async Task<IReadOnlyList<Uri>> BeginAsync(SiteId site, Site? settings, string url, CancellationToken stop)
    {
        if (url.Length > 0)
            return [new Uri(url)];
        var robots = await store.ReadAsync(RobotsSql, new ClickHouseParameterCollection().With("site", site.Value), r => r.GetString(1), stop);
        var named = robots.SelectMany(text => RobotsFile.Parse(Encoding.UTF8.GetBytes(text)).Other).Where(l => l.Name.Equals("Sitemap", StringComparison.OrdinalIgnoreCase))
            .Select(l => l.Value.Trim()).Distinct(StringComparer.Ordinal).Where(IsAddress).Take(FilesMax).Select(a => new Uri(a)).ToList();
        if (named.Count > 0)
            return named;
        return settings?.Hosts.FirstOrDefault(h => !h.StartsWith('*')) is { } host ? [new Uri($"https://{host}/sitemap.xml")]
            : throw new SitemapException("Neither the site's robots.txt nor its settings say where its sitemap is: give its address as 'url'.");
    }

    /// <summary>Whether a text is an address that can be fetched.</summary>
    public static bool IsAddress(string text) =>
        text.Length is > 0 and <= 2_048 && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0;

    private async Task<Site?> SettingsOfAsync(SiteId site, CancellationToken stop)
    {
        if (files.Find(site) is { } inFile)
            return inFile.Site;
        return services.GetService<ISiteDefinitions>() is { } definitions && services.GetService<ISiteDefinitionCheck>() is { } check
            && await definitions.FindAsync(site, stop) is { } defined ? check.Read(site, defined.Json) : null;
    }

    private static string Bounded(Uri at) => at.AbsoluteUri is { Length: > 200 } longer ? longer[..200] + "…" : at.AbsoluteUri;
}
