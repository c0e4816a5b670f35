using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Analytics.Api.Access;
using Weir.Control;
using Weir.Control.Sql;
using Weir.TestKit;

namespace Weir.Analytics.Api.Tests.Access;

public class AuditSweeperTests
{
    [Fact]
    public async Task Entries_older_than_they_are_kept_go()
    {
        using var folder = new TemporaryFolder();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 27, 0, 0, 0, TimeSpan.Zero));
        await using var store = await ControlDatabase.OpenAsync(folder.Path, [MigrationSet.Control], time);
        var audit = new SqlAuditLog(store, time);
        await audit.NoteAsync("acme", Actor.Account, new AuditNote(AuditActions.SignIn, "old"));
        time.Advance(TimeSpan.FromDays(20));
        await audit.NoteAsync("acme", Actor.Account, new AuditNote(AuditActions.SignIn, "young"));
        using var sweeper = new AuditSweeper(audit, new AnalyticsOptions { AuditLife = TimeSpan.FromDays(30) }, time, NullLogger<AuditSweeper>.Instance);

        Assert.Equal(0, await sweeper.SweepAsync(TestContext.Current.CancellationToken));
        time.Advance(TimeSpan.FromDays(11));
        Assert.Equal(1, await sweeper.SweepAsync(TestContext.Current.CancellationToken));

        Assert.Equal("young", Assert.Single(await audit.ListAsync("acme", new AuditFilter(), null, 10)).What.Subject);
    }
}
