using Weir.TestKit;

namespace Weir.Tests.Settings;

public class ControlSettingsTests
{
    [Theory]
    [InlineData("postgres://edge@DB.example.com:6432/shop", "postgres://edge@db.example.com:6432/shop")]
    [InlineData("postgresql://db.example.com/weir", "postgres://weir@db.example.com:5432/weir")]
    [InlineData("db.example.com/weir", "postgres://weir@db.example.com:5432/weir")]
    [InlineData("postgres:5433/weir", "postgres://weir@postgres:5433/weir")]
    [InlineData("edge@10.0.0.5/weir", "postgres://edge@10.0.0.5:5432/weir")]
    [InlineData("postgres://[2001:db8::5]:7000/weir", "postgres://weir@[2001:db8::5]:7000/weir")]
    [InlineData("postgres://a%40b@db/my%20sites", "postgres://a@b@db:5432/my sites")]
    public void A_database_is_written_as_a_url_or_in_short(string url, string read) =>
        Assert.Equal(read, SettingsText.Read($$"""{ "control": { "url": "{{url}}" } }""").SharedControl!.ToString());

    [Fact]
    public void The_password_comes_from_a_file_or_the_environment_and_nothing_prints_it()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["control.password"], "correct-horse\n");

        var control = SettingsText.Read($$"""{ "control": { "url": "db/weir", "passwordFile": "{{folder["control.password"]}}", "tls": true } }""").SharedControl!;

        Assert.Equal(("correct-horse", true), (control.Password, control.IsTls));
        Assert.DoesNotContain("correct", $"{control}", StringComparison.Ordinal);
        Assert.Equal("env-secret", SettingsText.Read("""{ "control": { "url": "db/weir" } }""", ("WEIR__CONTROL__PASSWORD", "env-secret")).SharedControl!.Password);
        Assert.Null(SettingsText.Read("{}").SharedControl);
    }

    [Theory]
    [InlineData("""{ "control": { "tls": true } }""", "control.url: A control store is described without its URL. Write \"url\": \"postgres://weir@127.0.0.1:5432/weir\", or leave control out")]
    [InlineData("""{ "control": { "url": "mysql://db/weir" } }""", "weir.json:1:23 control.url: The control store is PostgreSQL's alone. Write one such as postgres://weir@db.example.com:5432/weir")]
    [InlineData("""{ "control": { "url": "postgres://db.example.com" } }""", "control.url: The URL names no database.")]
    [InlineData("""{ "control": { "url": "postgres://db/one/two" } }""", "control.url: The URL names no database.")]
    [InlineData("""{ "control": { "url": "postgres://db:99999/weir" } }""", "control.url: 'postgres://db:99999/weir' is no URL of a database.")]
    [InlineData("""{ "control": { "url": "/var/run/postgresql" } }""", "control.url: ")]
    [InlineData("""{ "control": { "url": "" } }""", "control.url: ")]
    [InlineData("""{ "control": { "url": "postgres://db/weir?sslmode=require" } }""", "control.url: The URL has more than a database. Leave out what is behind it; \"tls\": true stands for sslmode=verify-full.")]
    [InlineData("""{ "control": { "url": "db/weir", "passwordFile": "/nowhere/at/all" } }""", "control.passwordFile: The password cannot be read from '/nowhere/at/all'.")]
    public void A_wrong_setting_is_named_with_its_mend(string json, string error) =>
        Assert.Contains(error, Assert.Single(SettingsText.Errors(json)), StringComparison.Ordinal);

    [Theory]
    [InlineData("postgres://weir:correct-horse@db/weir")]
    [InlineData("postgres://weir:correct-horse@db:99999/weir")]
    [InlineData("weir:correct-horse@db/weir")]
    [InlineData("postgres://weir:correct-horse@/weir")]
    public void A_password_in_a_url_is_refused_and_not_repeated(string url) =>
        Assert.DoesNotContain("correct-horse", Assert.Single(SettingsText.Errors($$"""{ "control": { "url": "{{url}}" } }""")), StringComparison.Ordinal);
}
