using Weir.Detection;
using Weir.Ingest.Privacy;

namespace Weir.Ingest.Tests.Privacy;

public sealed class DailySaltsTests : IDisposable
{
    private static readonly DateTimeOffset Evening = new(2026, 1, 5, 23, 59, 0, TimeSpan.Zero);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-salt-");
    private readonly SetTime _time = new() { Now = Evening };

    private string SaltFile => Path.Combine(_folder.FullName, IngestOptions.SaltFileName);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_client_is_one_client_within_a_day_over_a_restart_and_another_the_next_day()
    {
        var client = Address("203.0.113.9");
        var first = new DailySalts(SaltFile, _time);
        var morning = first.Hash(client, Ms(Evening.AddHours(-20)));
        Assert.Equal(morning, first.Hash(client, Ms(Evening)));
        Assert.NotEqual(morning, first.Hash(Address("203.0.113.10"), Ms(Evening)));
        Assert.Equal(morning, new DailySalts(SaltFile, _time).Hash(client, Ms(Evening)));
        Assert.Equal(morning, DailySalts.TodaysHash(SaltFile, client, _time));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.NotEqual(morning, first.Hash(client, Ms(Evening.AddHours(1))));
        Assert.NotEqual(morning, new DailySalts(SaltFile, _time).Hash(client, Ms(Evening.AddHours(1))));
    }

    [Fact]
    public void When_the_day_is_over_its_secret_is_nowhere_after_a_grace_for_requests_under_way()
    {
        var client = Address("2001:db8::7");
        var salts = new DailySalts(SaltFile, _time);
        var stored = salts.Hash(client, Ms(Evening));
        string secret = File.ReadAllText(SaltFile).Split(' ')[1];
        _time.Advance(TimeSpan.FromMinutes(2));
        salts.Forget();
        Assert.False(File.Exists(SaltFile));
        Assert.Equal(stored, salts.Hash(client, Ms(Evening)));  // it ended behind midnight
        _time.Advance(TimeSpan.FromMinutes(10));
        salts.Forget();
        Assert.NotEqual(stored, salts.Hash(client, Ms(Evening)));
        salts.Hash(client, Ms(Evening.AddMinutes(12)));
        Assert.DoesNotContain(secret, File.ReadAllText(SaltFile), StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_was_not_running_at_midnight_destroys_the_old_secret_when_it_starts()
    {
        new DailySalts(SaltFile, _time).Hash(Address("203.0.113.9"), Ms(Evening));
        _time.Advance(TimeSpan.FromDays(3));
        new DailySalts(SaltFile, _time).Forget();
        Assert.False(File.Exists(SaltFile));
        Assert.False(DailySalts.TodaysHash(SaltFile, Address("203.0.113.9"), _time).IsKnown);
    }

    [Fact]
    public void Only_its_owner_may_read_the_secret()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        new DailySalts(SaltFile, _time).Hash(Address("203.0.113.9"), Ms(Evening));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SaltFile));
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("20458 !!!")]
    [InlineData("20458 AAAA")]
    public void A_file_that_is_no_secret_is_replaced(string text)
    {
        File.WriteAllText(SaltFile, text);
        var stored = new DailySalts(SaltFile, _time).Hash(Address("203.0.113.9"), Ms(Evening));
        Assert.Equal(stored, new DailySalts(SaltFile, _time).Hash(Address("203.0.113.9"), Ms(Evening)));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_costs_the_restart_only()
    {
        var salts = new DailySalts(Path.Combine(_folder.FullName, "missing", "address.salt"), _time);
        Assert.Equal(salts.Hash(Address("203.0.113.9"), Ms(Evening)), salts.Hash(Address("203.0.113.9"), Ms(Evening)));
    }

    private sealed class SetTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public void Advance(TimeSpan by) => Now += by;

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private static ClientAddress Address(string text) => ClientAddress.TryParse(text, out var address) ? address : throw new ArgumentException(text, nameof(text));

    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
}
