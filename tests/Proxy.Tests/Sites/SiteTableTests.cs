using CsCheck;
using Weir.Control;
using Weir.Detection;
using Weir.Proxy.Origins;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Tests.Sites;

public class SiteTableTests
{
    private static readonly Uri Somewhere = new("http://127.0.0.1:3000");

    [Theory]
    [InlineData("www.example.com", "exact")]
    [InlineData("WWW.Example.COM", "exact")]
    [InlineData("www.example.com:8080", "exact")]
    [InlineData("www.example.com.", "exact")]
    [InlineData("www.example.com.:80", "exact")]
    [InlineData("a.example.com", "wildcard")]
    [InlineData("a.b.example.com", "wildcard")]
    [InlineData("a.deep.example.com", "deep")]
    [InlineData("deep.example.com", "wildcard")]
    [InlineData("example.com", "any")]
    [InlineData("evilexample.com", "any")]
    [InlineData("www.example.com.evil.test", "any")]
    [InlineData("[::1]:8080", "ipv6")]
    [InlineData("[::1]", "ipv6")]
    [InlineData("", "any")]
    [InlineData(":80", "any")]
    [InlineData("]", "any")]
    [InlineData("[", "any")]
    public void The_exact_name_wins_then_the_longest_wildcard_then_any(string hostHeader, string site)
    {
        var table = TableOf(
            ("exact", "www.example.com"), ("wildcard", "*.example.com"), ("deep", "*.deep.example.com"), ("ipv6", "[::1]"), ("any", "*"));

        Assert.True(table.TryFind(HostName.Normalize(hostHeader), out var found));
        Assert.Equal(site, found.Site.Settings.Id.Value);
    }

    [Theory]
    [InlineData("example.com")]
    [InlineData("com")]
    [InlineData("")]
    [InlineData("evilexample.com")]
    public void Without_a_site_for_any_host_others_are_unknown(string host) =>
        Assert.False(TableOf(("a", "*.example.com")).TryFind(host, out _));

    [Fact]
    public void A_host_longer_than_DNS_allows_is_nobodys() =>
        Assert.False(TableOf(("a", "*.example.com")).TryFind(new string('a', 300) + ".example.com", out _));

    [Fact]
    public void Two_sites_cannot_have_one_host_and_the_table_stays_as_it_was()
    {
        var table = TableOf(("a", "a.example"));

        Assert.Throws<ArgumentException>(() => table.Replace([SiteOf("b", "b.example"), SiteOf("c", "B.example")]));

        Assert.True(table.TryFind("a.example", out _));
        Assert.False(table.TryFind("b.example", out _));
    }

    [Fact]
    public void Ten_thousand_hosts_are_found_as_a_plain_search_finds_them()
    {
        var sites = Enumerable.Range(0, 10_000).Select(i => (Id: $"s{i}", Host: i % 4 == 0 ? $"*.w{i}.example" : $"h{i}.example")).ToArray();
        var table = TableOf(sites);
        var host = Gen.Select(Gen.Int[0, 11_000], Gen.OneOf("h", "w", "a.w", "a.b.w", "aw"), (i, kind) => $"{kind}{i}.example");

        host.Sample(name =>
        {
            var expected = sites.FirstOrDefault(s => s.Host == name || (s.Host[0] == '*' && name.EndsWith(s.Host[1..], StringComparison.Ordinal)));
            Assert.Equal(expected.Id, table.TryFind(name, out var found) ? found.Site.Settings.Id.Value : null);
        }, iter: 2000);
    }

    [Fact]
    public void Finding_among_ten_thousand_allocates_nothing()
    {
        var table = TableOf([.. Enumerable.Range(0, 10_000).Select(i => ($"s{i}", $"*.w{i}.example"))]);

        Assert.Equal(0, Allocations.Of(() =>
        {
            table.TryFind(HostName.Normalize("Shop.w7000.example:8080"), out _);
            table.TryFind(HostName.Normalize("nobody.test"), out _);
        }));
    }

    [Fact]
    public void Hostile_host_headers_never_throw() => Gen.String[Gen.Char['\0', '\u00ff'], 0, 300].Sample(host =>
    {
        TableOf(("a", "*.example.com")).TryFind(HostName.Normalize(host), out _);
    });

    [Fact]
    public void A_change_builds_only_what_changed_and_the_others_keep_their_state()
    {
        var table = TableOf(("a", "a.example"), ("b", "b.example"), ("c", "*.c.example"), ("d", "*"));
        Assert.True(table.TryFind("a.example", out var before));

        table.Change([SiteOf("b", "*.c.example"), SiteOf("e", "e.example")], [SiteId.Parse("c"), SiteId.Parse("d"), SiteId.Parse("nobody")]);

        Assert.True(table.TryFind("A.example", out var after));
        Assert.Same(before.Site, after.Site);
        Assert.Equal("b", SiteAt(table, "x.c.example"));
        Assert.Equal("e", SiteAt(table, "e.example"));
        Assert.Null(SiteAt(table, "b.example"));
        Assert.Equal((3, 3), (table.SiteCount, table.HostCount));
    }

    [Fact]
    public void A_change_that_claims_a_host_of_another_site_changes_nothing()
    {
        var table = TableOf(("a", "a.example"), ("b", "b.example"));

        Assert.Throws<ArgumentException>(() => table.Change([SiteOf("c", "a.example")], [SiteId.Parse("b")]));

        Assert.Equal("a", SiteAt(table, "a.example"));
        Assert.Equal("b", SiteAt(table, "b.example"));
        Assert.Equal(2, table.SiteCount);
    }

    [Fact]
    public void Hosts_may_change_hands_within_one_change()
    {
        var table = TableOf(("a", "a.example"), ("b", "b.example"));

        table.Change([SiteOf("a", "b.example"), SiteOf("b", "a.example")], []);

        Assert.Equal(("b", "a"), (SiteAt(table, "a.example"), SiteAt(table, "b.example")));
    }

    [Fact]
    public void Changes_one_by_one_come_to_the_same_table_as_all_sites_at_once()
    {
        var change = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 29], Gen.Bool);
        change.Array[1, 60].Sample(changes =>
        {
            var plain = new Dictionary<string, string>();
            var table = new SiteTable(new OriginBook(TimeProvider.System, new EdgeOptions()));
            foreach (var (site, host, isRemoved) in changes)
            {
                string id = $"s{site}", name = host % 3 == 0 ? $"*.h{host}.example" : $"h{host}.example";
                if (isRemoved)
                {
                    plain.Remove(id);
                    table.Change([], [SiteId.Parse(id)]);
                }
                else if (!plain.Any(p => p.Value == name && p.Key != id))
                {
                    plain[id] = name;
                    table.Change([SiteOf(id, name)], []);
                }
            }
            var whole = TableOf([.. plain.Select(p => (p.Key, p.Value))]);
            for (int host = 0; host < 30; host++)
            {
                foreach (string name in (string[])[$"h{host}.example", $"a.h{host}.example"])
                    Assert.Equal(SiteAt(whole, name), SiteAt(table, name));
            }
            Assert.Equal((whole.SiteCount, whole.HostCount), (table.SiteCount, table.HostCount));
        }, iter: 200);
    }

    private static string? SiteAt(SiteTable table, string host) => table.TryFind(host, out var found) ? found.Site.Settings.Id.Value : null;

    private static SiteTable TableOf(params (string Id, string Host)[] sites)
    {
        var table = new SiteTable(new OriginBook(TimeProvider.System, new EdgeOptions()));
        table.Replace([.. sites.Select(s => SiteOf(s.Id, s.Host))]);
        return table;
    }

    private static Site SiteOf(string id, string host) => new() { Id = SiteId.Parse(id), Hosts = [host], Origins = [Somewhere] };
}
