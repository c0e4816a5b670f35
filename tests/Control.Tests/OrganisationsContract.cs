using Microsoft.Extensions.Time.Testing;
using Weir.Control.Sql;

namespace Weir.Control.Tests;

/// <summary>What every store of organisations and their audit log must do.</summary>
public abstract class OrganisationsContract
{
    private static readonly DateTimeOffset Start = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly Actor By = new(ActorKind.Key, "0123456789", "worker", "203.0.113.9");
    private static readonly AuditFilter All = new();

    protected FakeTimeProvider Time { get; } = new(Start);

    /// <summary>The store that the test has for itself.</summary>
    protected abstract IControlStore Store { get; }

    private SqlOrganisations Organisations => new(Store, Time);

    private SqlAuditLog Audit => new(Store, Time);

    [Fact]
    public async Task An_invited_person_signs_in_with_a_verified_e_mail_and_is_then_known_by_the_subject()
    {
        var invited = await Organisations.InviteAsync("acme", "Ann@Example.com", Roles.Editor, By);
        Assert.Equal(("ann@example.com", false), (invited.Email, invited.IsBound));
        Assert.Null(await Organisations.SignInAsync(Person("ann", null), null, null));
        Assert.Null(await Organisations.SignInAsync(Person("eve", "eve@example.com"), null, null));

        var signedIn = await Organisations.SignInAsync(Person("ann", "ANN@example.com"), null, "203.0.113.7");

        Assert.Equal((invited.Id, true, (DateTimeOffset?)Start), (signedIn!.Id, signedIn.IsBound, signedIn.SignedIn));
        Assert.Equal(invited.Id, (await Organisations.SignInAsync(Person("ann", "new-name@example.com"), null, null))!.Id);
        // Whoever gets the address after her is somebody else.
        Assert.Null(await Organisations.SignInAsync(Person("successor", "ann@example.com"), null, null));
        Assert.Null(await Organisations.SignInAsync(Person("ann", "ann@example.com") with { Issuer = "https://other.example" }, null, null));
    }

    [Fact]
    public async Task An_e_mail_that_only_looks_like_the_invited_one_is_nobody()
    {
        await Organisations.InviteAsync("acme", "kim@example.com", Roles.Owner, By);

        // The sign of the unit kelvin becomes an ASCII k in lower case.
        Assert.Null(await Organisations.SignInAsync(Person("eve", "\u212Aim@example.com"), null, null));
        Assert.Null(await Organisations.SignInAsync(Person("eve", "kim@example.com\0"), null, null));
    }

    [Fact]
    public async Task A_person_of_two_organisations_chooses_one_and_gets_the_last_without_a_choice()
    {
        await Organisations.InviteAsync("acme", "ann@example.com", Roles.Viewer, By);
        Time.Advance(TimeSpan.FromSeconds(1));
        await Organisations.InviteAsync("beta", "ann@example.com", Roles.Owner, By);
        var ann = Person("ann", "ann@example.com");

        Assert.Equal("acme", (await Organisations.SignInAsync(ann, null, null))!.Tenant);
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("beta", (await Organisations.SignInAsync(ann, "beta", null))!.Tenant);
        Assert.Equal("beta", (await Organisations.SignInAsync(ann, null, null))!.Tenant);
        Assert.Null(await Organisations.SignInAsync(ann, "gamma", null));
    }

    [Fact]
    public async Task The_last_owner_stays_however_many_try_at_the_same_time()
    {
        var owners = new List<Member>();
        for (int i = 0; i < 4; i++)
            owners.Add(await Organisations.InviteAsync("acme", $"owner{i}@example.com", Roles.Owner, By));

        var tries = owners.Select((o, i) => Task.Run(async () =>
        {
            try
            {
                _ = i % 2 == 0 ? await Organisations.RemoveAsync("acme", o.Id, By) : await Organisations.ChangeAsync("acme", o.Id, Roles.Viewer, By) is not null;
                return true;
            }
            catch (MemberConflictException e) when (e.Kind == MemberConflict.LastOwner)
            {
                return false;
            }
        }));

        Assert.Equal(3, (await Task.WhenAll(tries)).Count(went => went));
        Assert.Single(await Organisations.ListMembersAsync("acme"), m => m.Role == Roles.Owner);
    }

    [Fact]
    public async Task Another_organisation_s_member_is_as_unknown_as_none()
    {
        var ann = await Organisations.InviteAsync("acme", "ann@example.com", Roles.Viewer, By);

        Assert.Null(await Organisations.ChangeAsync("beta", ann.Id, Roles.Owner, By));
        Assert.False(await Organisations.RemoveAsync("beta", ann.Id, By));
        Assert.Empty(await Organisations.ListMembersAsync("beta"));
        Assert.Equal(Roles.Viewer, (await Organisations.FindMemberAsync(ann.Id))!.Role);
        // The same address may be invited by both, or one would learn of the other's members.
        await Organisations.InviteAsync("beta", "ann@example.com", Roles.Viewer, By);
    }

    [Fact]
    public async Task Wishes_that_break_a_rule_are_refused()
    {
        await Organisations.InviteAsync("acme", "ann@example.com", Roles.Viewer, By);

        Assert.Equal(MemberConflict.Taken, (await Assert.ThrowsAsync<MemberConflictException>(
            () => Organisations.InviteAsync("acme", "ANN@example.com", Roles.Owner, By))).Kind);
        await Assert.ThrowsAsync<ControlException>(() => Organisations.InviteAsync("acme", "ann", Roles.Owner, By));
        await Assert.ThrowsAsync<ControlException>(() => Organisations.InviteAsync("acme", "bob@example.com", "king", By));
        await Assert.ThrowsAsync<ControlException>(() => Organisations.InviteAsync("Not A Tenant", "bob@example.com", Roles.Owner, By));
        await Assert.ThrowsAsync<ControlException>(() => Organisations.RenameAsync("acme", new string('n', 201), By));
        Assert.Single(await Audit.ListAsync("acme", All, null, 100));
    }

    [Fact]
    public async Task An_organisation_is_called_by_its_id_until_it_is_named()
    {
        Assert.Null(await Organisations.FindAsync("acme"));
        await Organisations.InviteAsync("acme", "ann@example.com", Roles.Owner, By);
        Assert.Equal("acme", (await Organisations.FindAsync("acme"))!.Name);
        Assert.Equal("Acme Ltd", (await Organisations.RenameAsync("acme", "Acme Ltd", By)).Name);
        Assert.Equal("Acme Ltd", (await Organisations.FindAsync("acme"))!.Name);
    }

    [Fact]
    public async Task Every_change_is_in_the_audit_log_with_who_made_it_from_where()
    {
        var ann = await Organisations.InviteAsync("acme", "ann@example.com", Roles.Owner, By);
        await Organisations.InviteAsync("acme", "bob@example.com", Roles.Owner, By);
        await Organisations.SignInAsync(Person("bob", "bob@example.com"), null, "203.0.113.7");
        await Organisations.ChangeAsync("acme", ann.Id, Roles.Viewer, By);
        await Organisations.RemoveAsync("acme", ann.Id, By);
        await Organisations.InviteAsync("beta", "eve@example.com", Roles.Owner, Actor.Account);

        var log = await Audit.ListAsync("acme", All, null, 100);

        Assert.Equal(
            [AuditActions.MemberRemove, AuditActions.MemberChange, AuditActions.SignIn, AuditActions.MemberInvite, AuditActions.MemberInvite],
            log.Select(e => e.What.Action));
        Assert.Equal((By, ann.Id, "ann@example.com from owner to viewer"), (log[1].By, log[1].What.Subject, log[1].What.Detail));
        Assert.Equal((ActorKind.Member, "bob@example.com", "203.0.113.7"), (log[2].By.Kind, log[2].By.Name, log[2].By.Address));
        Assert.Equal(log.Skip(2).Take(2), await Audit.ListAsync("acme", All, log[1].Id, 2));
        Assert.Single(await Audit.ListAsync("acme", new AuditFilter(Action: AuditActions.SignIn), null, 100));
        Assert.Equal(3, (await Audit.ListAsync("acme", new AuditFilter(Subject: ann.Id), null, 100)).Count);
        Assert.Equal(4, (await Audit.ListAsync("acme", new AuditFilter(Actor: By.Id), null, 100)).Count);
    }

    [Fact]
    public async Task Old_entries_are_deleted_and_ids_never_come_again()
    {
        await Audit.NoteAsync("acme", Actor.Nobody("203.0.113.9"), new AuditNote(AuditActions.SignInRefused, "", new string('x', 10_000) + "\0"));
        long first = Assert.Single(await Audit.ListAsync("acme", All, null, 100)).Id;
        Time.Advance(TimeSpan.FromDays(2));
        await Audit.NoteAsync("acme", By, new AuditNote(AuditActions.SignIn, "x"));

        Assert.Equal(1, await Audit.DeleteBeforeAsync(Start.AddDays(1)));
        Assert.Equal(1, await Audit.DeleteBeforeAsync(Start.AddDays(3)));

        await Audit.NoteAsync("acme", By, new AuditNote(AuditActions.SignIn, "y"));
        Assert.True(Assert.Single(await Audit.ListAsync("acme", All, null, 100)).Id > first + 1);
    }

    private static SignedInPerson Person(string subject, string? email) => new("https://id.example", subject, email);
}
