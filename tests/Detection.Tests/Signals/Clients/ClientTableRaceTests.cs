using Microsoft.Coyote;
using Microsoft.Coyote.Runtime;
using Microsoft.Coyote.Specifications;
using Microsoft.Coyote.SystematicTesting;
using Weir.Detection.Signals.Clients;
using Controlled = Microsoft.Coyote.Rewriting.Types.Threading.Tasks.Task;

namespace Weir.Tests.Signals;

/// <summary>Coyote decides which thread goes on at every place where another may come between, and tries many orders.</summary>
public class ClientTableRaceTests
{
    private const long Start = 1_790_000_000_000;

    [Fact]
    public void Threads_that_meet_the_same_new_client_count_it_once_each() => Explore(300, async () =>
    {
        var table = new ClientTable<CoyoteSteps>(8);
        await Controlled.WhenAll(Request(table, 1), Request(table, 1), Request(table, 1));

        Specification.Assert(Requests(table, 1) == 3, $"three requests were counted as {Requests(table, 1)}");
        Specification.Assert(table.Evictions == 0, "a client was evicted from an empty table");
    });

    [Fact]
    public void Threads_that_meet_different_new_clients_lose_neither() => Explore(300, async () =>
    {
        var table = new ClientTable<CoyoteSteps>(8);
        await Controlled.WhenAll(Request(table, 1), Request(table, 2), Request(table, 1));

        Specification.Assert(Requests(table, 1) == 2 && Requests(table, 2) == 1, "a request was lost or counted for another");
    });

    [Fact]
    public void Answers_that_come_at_once_are_all_counted() => Explore(300, async () =>
    {
        var table = new ClientTable<CoyoteSteps>(8);
        ClientChanges.Begin(table, Step.Request(1, Start, 1, 0, true));
        await Controlled.WhenAll(Answer(table, 0), Answer(table, 5), Answer(table, 2));

        var known = ClientChanges.Look(table, Step.Address(1).ClientKey, Start);
        Specification.Assert(known is { Answers: 3, Pages: 1, Errors: 1, Assets: 1 }, "an answer was lost");
    });

    [Fact]
    public void A_slot_given_away_while_others_add_to_it_holds_whole_words_and_few_strangers() => Explore(600, async () =>
    {
        var table = new ClientTable<CoyoteSteps>(8);
        for (int client = 1; client <= 8; client++)
            ClientChanges.Begin(table, Step.Request(client, Start + (client * 60_000), 1, 0, true));
        long now = Start + 600_000;
        await Controlled.WhenAll(Request(table, 9, now), Request(table, 10, now), Request(table, 1, now), Request(table, 9, now));

        long evictions = table.Evictions;
        Specification.Assert(evictions is >= 2 and <= 4, $"{evictions} clients gave way to at most four");
        // Nine came twice. Each of the other two threads may have left its one request with it, and no more.
        int nine = Requests(table, 9, now);
        Specification.Assert(nine is >= 0 and <= 4, $"two requests of client 9 are counted as {nine}");
        for (int client = 1; client <= 10; client++)
            Specification.Assert(Requests(table, client, now) <= 4, "a word was torn");
    });

    private static Task Request(ClientTable<CoyoteSteps> table, int client, long timeMs = Start) =>
        Controlled.Run(() => { ClientChanges.Begin(table, Step.Request(client, timeMs, 1, 0, true)); });

    private static Task Answer(ClientTable<CoyoteSteps> table, int kind) =>
        Controlled.Run(() => ClientChanges.Complete(table, Step.Answer(1, Start, kind), SequentialTest.Default));

    private static int Requests(ClientTable<CoyoteSteps> table, int client, long timeMs = Start) =>
        ClientChanges.Look(table, Step.Address(client).ClientKey, timeMs).RequestsAMinute;

    private static void Explore(uint orders, Func<Task> scenario)
    {
        var configuration = Configuration.Create().WithTestingIterations(orders).WithTelemetryEnabled(false).WithConsoleLoggingEnabled(false).WithRandomGeneratorSeed(1);
        using var engine = TestingEngine.Create(configuration, scenario);
        engine.Run();

        Assert.True(engine.TestReport.NumOfFoundBugs == 0, string.Join('\n', engine.TestReport.BugReports));
        Assert.True(engine.TestReport.NumOfExploredFairPaths + engine.TestReport.NumOfExploredUnfairPaths >= (int)orders);
    }

    private readonly struct CoyoteSteps : ISteps
    {
        public static void Pause() => SchedulingPoint.Interleave();
    }
}
