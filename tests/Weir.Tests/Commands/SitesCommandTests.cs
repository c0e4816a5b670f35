using System.CommandLine;
using System.Text.Json;
using Weir.Commands;
using Weir.TestKit;

namespace Weir.Tests.Commands;

public sealed class SitesCommandTests : IDisposable
{
    private const string Shop = """
        { // as in weir.json
          "hosts": ["shop.example"],
          "origins": "http://127.0.0.1:3000",
          "policy": [{ "name": "no-training", "action": "block", "purposes": "ai-training" }],
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_site_is_put_listed_shown_and_removed()
    {
        Assert.Equal("Site shop is written as version 1.\n", Run("put", "shop", Write(Shop)));
        Assert.Equal("shop", Assert.Single(JsonDocument.Parse(Run("list", "--json")).RootElement.EnumerateArray()).GetProperty("site").GetString());
        Assert.Contains("shop", Run("list"));
        var shown = JsonDocument.Parse(Run("show", "shop")).RootElement;
        Assert.Equal("shop", shown.GetProperty("id").GetString());
        Assert.Equal("shop.example", shown.GetProperty("hosts")[0].GetString());
        Assert.Equal("Site shop is removed.\n", Run("remove", "shop", "--if-version", "1"));
        Assert.Contains("defines no site", Run("list"));
        Assert.Contains("no definition of site shop", Refused("show", "shop"));
        Assert.Contains("no definition of site shop", Refused("remove", "shop"));
    }

    [Fact]
    public void Every_error_is_told_with_its_line_and_nothing_is_written()
    {
        string says = Refused("put", "shop", Write("""
            {
              "hosts": ["http://shop.example"],
              "origin": "http://127.0.0.1:3000",
              "origins": ["ftp://127.0.0.1"]
            }
            """));
        Assert.Contains("control store: site shop:2:", says);
        Assert.Contains("Did you mean 'origins'?", says);
        Assert.Contains("control store: site shop:4:", says);
        Assert.Contains("defines no site", Run("list"));
    }

    [Fact]
    public void A_site_that_changed_meanwhile_or_a_host_of_another_is_refused()
    {
        Run("put", "shop", Write(Shop));
        Assert.Contains("version 1 by now", Refused("put", "shop", Write(Shop), "--if-version", "0"));
        Assert.Contains("'shop.example' belongs to site shop", Refused("put", "blog", Write(Shop)));
        Assert.Contains("The id 'shop' is taken", Refused("put", "shop", Write(Shop), "--tenant", "acme"));
        Assert.Contains("calls itself 'other'", Refused("put", "shop", Write("""{ "id": "other", "hosts": "a.example", "origins": "http://127.0.0.1:1" }""")));
    }

    [Fact]
    public void A_site_of_the_settings_file_is_changed_there()
    {
        File.WriteAllText(_folder["weir.json"], """{ "sites": [{ "id": "shop", "hosts": "shop.example", "origins": "http://127.0.0.1:3000" }] }""");
        Assert.Contains("stands in", Refused("put", "shop", Write(Shop), "--config", _folder["weir.json"]));
        Assert.Contains("belongs to site shop of", Refused("put", "blog", Write(Shop), "--config", _folder["weir.json"]));
    }

    [Fact]
    public void A_site_of_another_tenant_is_not_shown()
    {
        Run("put", "shop", Write(Shop), "--tenant", "acme");
        Assert.Contains("no definition", Refused("show", "shop"));
        Assert.Contains("shop.example", Run("show", "shop", "--tenant", "acme"));
    }

    private string Write(string json)
    {
        File.WriteAllText(_folder["site.json"], json);
        return _folder["site.json"];
    }

    private string Refused(params string[] arguments) => Assert.Throws<CommandException>(() => Run(arguments)).Message;

    private string Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(0, SitesCommand.Create().Parse([.. arguments, "--data", _folder["data"]]).Invoke(new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
        }));
        return output.ToString();
    }
}
