using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Weir.Control;
using Weir.Detection;
using Weir.Detection.Places;
using Weir.Proxy.Places;
using Weir.TestKit;

namespace Weir.Proxy.Tests.Places;

/// <summary>Countries at the edge, by the file that the build fetched.</summary>
public class PlaceTests
{
    private const string InGermany = "141.1.1.1", InTheUs = "8.8.8.8", Nowhere = "10.1.2.3";

    private static string BundledFile => BundledCountries.Find() ?? throw new InvalidOperationException("The build did not fetch the file of countries; see its warning WEIR002.");

    [Fact]
    public async Task A_rule_by_country_refuses_those_from_there_and_hits_say_where_everybody_is()
    {
        await using var origin = await TestOrigin.StartAsync(_ => Task.CompletedTask);
        await using var edge = await StartAsync(origin, BundledFile, new PolicyRule { Name = "not-us", Action = PolicyAction.Block, IsEnforced = true, Countries = [Of("US")] });

        Assert.Equal((HttpStatusCode.Forbidden, "US"), await AskAsync(edge, InTheUs));
        var (status, country) = await AskAsync(edge, InGermany);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Matches("^[A-Z]{2}$", country);
        Assert.NotEqual("US", country);
        Assert.Equal((HttpStatusCode.OK, ""), await AskAsync(edge, Nowhere));
    }

    [Fact]
    public async Task Unknown_is_a_country_of_its_own_to_rules_and_the_origin_is_told_the_others()
    {
        await using var origin = await TestOrigin.StartAsync(http => http.Response.WriteAsync($"country:{http.Request.Headers["X-Weir-Country"]}"));
        await using var edge = await StartAsync(origin, BundledFile,
            new PolicyRule { Name = "lost", Action = PolicyAction.Block, IsEnforced = true, Countries = [default] },
            new PolicyRule { Name = "tell", Action = PolicyAction.Tag, IsEnforced = true });

        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(edge, Nowhere)).Status);
        using var request = Request(InTheUs);
        request.Headers.Add("X-Weir-Country", "XX");
        using var answer = await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("country:US", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_bad_file_leaves_the_last_good_one_in_use_and_a_good_one_is_taken_when_it_comes()
    {
        using var folder = new TemporaryFolder();
        string file = folder["country.mmdb"];
        File.WriteAllText(file, "this is no such file");
        await using var origin = await TestOrigin.StartAsync(_ => Task.CompletedTask);
        await using var edge = await StartAsync(origin, file);
        var places = edge.App.Services.GetRequiredService<PlaceBook>();
        Assert.Equal((HttpStatusCode.OK, ""), await AskAsync(edge, InTheUs));

        File.Copy(BundledFile, folder["next"]);
        File.Move(folder["next"], file, overwrite: true);
        while (!places.Table.HasCountries)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "US"), await AskAsync(edge, InTheUs));

        using var refused = edge.Count("weir.edge.places.reloads");
        File.WriteAllText(file, "torn");
        while (refused.Sum == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "US"), await AskAsync(edge, InTheUs));
    }

    private static Country Of(string code) => Country.TryParse(code, out var country) ? country : throw new ArgumentException("No country.", nameof(code));

    private static Task<Edge> StartAsync(TestOrigin origin, string file, params PolicyRule[] rules) => Edge.StartAsync(
        [Edge.SiteOf("www.example.com", origin.Url) with { Policy = rules }],
        o => o with
        {
            TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")],
            Places = new PlaceOptions { CountryFile = file, IsNeededAtStart = true, LookInterval = TimeSpan.FromMilliseconds(50) },
        });

    private static HttpRequestMessage Request(string from)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri("http://www.example.com/page"));
        request.Headers.Add("X-Forwarded-For", from);
        return request;
    }

    private static async Task<(HttpStatusCode Status, string Country)> AskAsync(Edge edge, string from)
    {
        using var request = Request(from);
        using var answer = await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, (await edge.Hits.NextAsync()).Country.Code);
    }
}
