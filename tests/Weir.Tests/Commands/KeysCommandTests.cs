using System.CommandLine;
using System.Text.Json;
using Weir.Commands;
using Weir.TestKit;

namespace Weir.Tests.Commands;

public sealed class KeysCommandTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_key_is_shown_once_listed_without_its_secret_and_revoked()
    {
        var (code, key, words) = Run("create", "--scope", "triggers:read,scans:write", "--tenant", "acme", "--site", "demo", "--name", "worker");
        Assert.Equal(0, code);
        Assert.Matches("^weir_[0-9A-Za-z]{54}\n$", key);
        Assert.Contains("tenant acme: triggers:read, scans:write", words);
        string list = Run("list", "--json").Output;
        Assert.DoesNotContain(key.Trim()[15..], list);
        var only = Assert.Single(JsonDocument.Parse(list).RootElement.EnumerateArray());
        Assert.Equal(key[5..15], only.GetProperty("id").GetString());
        Assert.Equal("demo", only.GetProperty("sites")[0].GetString());
        Assert.Contains(key[5..15], Run("list").Output);
        Assert.Equal(0, Run("revoke", key.Trim()).Code);
        Assert.NotEqual(JsonValueKind.Null, JsonDocument.Parse(Run("list", "--json").Output).RootElement[0].GetProperty("revoked").ValueKind);
    }

    [Theory]
    [InlineData("Known scopes: analytics:read", "create", "--scope", "nope")]
    [InlineData("not a tenant id", "create", "--scope", "admin", "--tenant", "Big Corp")]
    [InlineData("not a site id", "create", "--scope", "admin", "--site", "a/b")]
    [InlineData("not a time to come", "create", "--scope", "admin", "--expires", "1999-01-01")]
    [InlineData("not a time to come", "create", "--scope", "admin", "--expires", "soon")]
    public void Wrong_flags_are_named_with_what_to_write(string says, params string[] arguments) =>
        Assert.Contains(Parse(arguments).Errors, e => e.Message.Contains(says, StringComparison.Ordinal));

    [Fact]
    public void An_unknown_key_cannot_be_revoked() => Assert.Contains("No key", Assert.Throws<CommandException>(() => Run("revoke", "0000000000")).Message);

    [Theory]
    [InlineData("90d", 90 * 24)]
    [InlineData("12h", 12)]
    [InlineData("2026-11-25", 12)]
    public void Times_are_spans_or_dates(string text, int hours)
    {
        Assert.True(KeysCommand.TryTime(text, Now, out var end));
        Assert.Equal(Now.AddHours(hours), end);
    }

    private (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = Parse(arguments).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }

    private ParseResult Parse(string[] arguments) => KeysCommand.Create().Parse([.. arguments, "--data", _folder.Path]);
}
