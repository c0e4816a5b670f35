using System.CommandLine;
using System.Text.Json;
using Weir.Commands;
using Weir.TestKit;

namespace Weir.Tests.Commands;

public sealed class MembersCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_first_owner_is_added_listed_and_stays_until_there_is_another()
    {
        Assert.Contains("ann@example.com is owner of default", Run("add", "Ann@Example.com", "owner"));
        var only = Assert.Single(JsonDocument.Parse(Run("list", "--json")).RootElement.EnumerateArray());
        Assert.Equal(("ann@example.com", "owner", false),
            (only.GetProperty("email").GetString(), only.GetProperty("role").GetString(), only.GetProperty("hasSignedIn").GetBoolean()));

        Assert.Contains("last owner", Assert.Throws<CommandException>(() => Run("remove", "ann@example.com")).Message);
        Assert.Contains("last owner", Assert.Throws<CommandException>(() => Run("role", "ann@example.com", "viewer")).Message);

        Run("add", "bob@example.com", "viewer");
        Run("role", "bob@example.com", "owner");
        Assert.Contains("no member of default any more", Run("remove", "ann@example.com"));
        Assert.Contains("bob@example.com", Run("list"));
    }

    [Fact]
    public void Organisations_are_apart()
    {
        Run("add", "ann@example.com", "owner", "--tenant", "acme");

        Assert.Contains("no members", Run("list"));
        Assert.Contains("no member 'ann@example.com'", Assert.Throws<CommandException>(() => Run("remove", "ann@example.com")).Message);
    }

    [Theory]
    [InlineData("no e-mail address", "add", "Ann <ann@example.com>", "owner")]
    [InlineData("not a tenant id", "add", "ann@example.com", "owner", "--tenant", "Big Corp")]
    public void Wrong_words_are_named(string says, params string[] arguments) =>
        Assert.Contains(says, Assert.Throws<CommandException>(() => Run(arguments)).Message);

    [Fact]
    public void An_unknown_role_is_refused_with_those_there_are() =>
        Assert.Contains(MembersCommand.Create().Parse(["add", "ann@example.com", "king"]).Errors, e => e.Message.Contains("viewer", StringComparison.Ordinal));

    private string Run(params string[] arguments)
    {
        using var output = new StringWriter();
        MembersCommand.Create().Parse([.. arguments, "--data", _folder.Path])
            .Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = output });
        return output.ToString();
    }
}
