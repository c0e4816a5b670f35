using System.Data.Common;
using System.Security.Cryptography;
using Dapper;

namespace Weir.Control.Sql;

/// <summary>Organisations and their members in a control store.</summary>
public sealed class SqlOrganisations(IControlStore store, TimeProvider time) : IOrganisations
{
    private const string Columns = """
        id AS Id, tenant AS Tenant, email AS Email, role AS Role, subject AS Subject, created_ms AS CreatedMs, signed_in_ms AS SignedInMs
        """;

    private const int IdLength = 12;

    /// <inheritdoc/>
    public async Task<Organisation?> FindAsync(string tenant, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        return (await connection.QuerySingleOrDefaultAsync<OrganisationRow>(
            "SELECT id AS Id, name AS Name, created_ms AS CreatedMs FROM tenants WHERE id = @tenant", new { tenant }))?.ToOrganisation();
    }

    /// <inheritdoc/>
    public Task<Organisation> RenameAsync(string tenant, string name, Actor by, CancellationToken stop = default) => store.WriteAsync(
        async transaction =>
        {
            if (name.Length > Organisation.NameCharsMax)
                throw new ControlException($"The name has {name.Length} characters; {Organisation.NameCharsMax} are the most. Shorten it.");
            await SqlSites.EnsureTenantAsync(transaction, tenant, NowMs);
            await SqlAuditLog.NoteAsync(transaction, tenant, by, new AuditNote(AuditActions.OrganisationRename, tenant, name), NowMs);
            return (await transaction.Connection!.QuerySingleAsync<OrganisationRow>(
                "UPDATE tenants SET name = @name WHERE id = @tenant RETURNING id AS Id, name AS Name, created_ms AS CreatedMs",
                new { tenant, name }, transaction)).ToOrganisation();
        }, stop);

    /// <inheritdoc/>
    public async Task<Member?> FindMemberAsync(string id, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        return (await connection.QuerySingleOrDefaultAsync<Row>($"SELECT {Columns} FROM members WHERE id = @id", new { id }))?.ToMember();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Member>> ListMembersAsync(string tenant, string? after = null, int limit = 1000, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<Row>(
            $"SELECT {Columns} FROM members WHERE tenant = @tenant AND email > @after ORDER BY email LIMIT @limit",
            new { tenant, after = after ?? "", limit });
        return [.. rows.Select(r => r.ToMember())];
    }

    /// <inheritdoc/>
    public Task<Member> InviteAsync(string tenant, string email, string role, Actor by, CancellationToken stop = default)
    {
        CheckRole(role);
        if (!EmailAddress.TryParse(email, out string address))
            throw new ControlException($"This is no e-mail address. Use {EmailAddress.Rule}.");
        return store.WriteAsync(async transaction =>
        {
            await SqlSites.EnsureTenantAsync(transaction, tenant, NowMs);
            await QueueAsync(transaction, tenant);
            var connection = transaction.Connection!;
            if (await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM members WHERE tenant = @tenant AND email = @address", new { tenant, address }, transaction) > 0)
                throw new MemberConflictException(MemberConflict.Taken, $"{address} is a member already. Change the role instead.");
            if (await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM members WHERE tenant = @tenant", new { tenant }, transaction) >= IOrganisations.MembersMax)
                throw new MemberConflictException(MemberConflict.TooMany, $"The organisation has {IOrganisations.MembersMax} members, which is the most. Remove one first.");
            string id = RandomNumberGenerator.GetString("0123456789abcdefghijklmnopqrstuvwxyz", IdLength);
            var row = await connection.QuerySingleAsync<Row>(
                $"INSERT INTO members (id, tenant, email, role, created_ms) VALUES (@id, @tenant, @address, @role, @nowMs) RETURNING {Columns}",
                new { id, tenant, address, role, nowMs = NowMs }, transaction);
            await SqlAuditLog.NoteAsync(transaction, tenant, by, new AuditNote(AuditActions.MemberInvite, id, $"{address} as {role}"), NowMs);
            return row.ToMember();
        }, stop);
    }

    /// <inheritdoc/>
    public Task<Member?> ChangeAsync(string tenant, string id, string role, Actor by, CancellationToken stop = default)
    {
        CheckRole(role);
        return store.WriteAsync(async transaction =>
        {
            await QueueAsync(transaction, tenant);
            if (await CurrentAsync(transaction, tenant, id) is not { } current)
                return null;
            if (current.Role == Roles.Owner && role != Roles.Owner)
                await RefuseLastOwnerAsync(transaction, tenant);
            await transaction.Connection!.ExecuteAsync("UPDATE members SET role = @role WHERE id = @id", new { id, role }, transaction);
            await SqlAuditLog.NoteAsync(transaction, tenant, by, new AuditNote(AuditActions.MemberChange, id, $"{current.Email} from {current.Role} to {role}"), NowMs);
            return (Member?)(current with { Role = role }).ToMember();
        }, stop);
    }

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(string tenant, string id, Actor by, CancellationToken stop = default) => store.WriteAsync(
        async transaction =>
        {
            await QueueAsync(transaction, tenant);
            if (await CurrentAsync(transaction, tenant, id) is not { } current)
                return false;
            if (current.Role == Roles.Owner)
                await RefuseLastOwnerAsync(transaction, tenant);
            await transaction.Connection!.ExecuteAsync("DELETE FROM members WHERE id = @id", new { id }, transaction);
            await SqlAuditLog.NoteAsync(transaction, tenant, by, new AuditNote(AuditActions.MemberRemove, id, $"{current.Email}, {current.Role}"), NowMs);
            return true;
        }, stop);

    /// <inheritdoc/>
    public Task<Member?> SignInAsync(SignedInPerson person, string? tenant, string? address, CancellationToken stop = default) => store.WriteAsync(
        async transaction =>
        {
            var connection = transaction.Connection!;
            if (EmailAddress.TryParse(person.VerifiedEmail, out string email))
                await BindAsync(transaction, person, email);
            var row = await connection.QuerySingleOrDefaultAsync<Row>(
                $"""
                SELECT {Columns} FROM members WHERE issuer = @Issuer AND subject = @Subject AND (@tenant = '' OR tenant = @tenant)
                ORDER BY signed_in_ms DESC NULLS LAST, created_ms, id LIMIT 1
                """,
                new { person.Issuer, person.Subject, tenant = tenant ?? "" }, transaction);
            if (row is null)
                return null;
            await connection.ExecuteAsync("UPDATE members SET signed_in_ms = @nowMs WHERE id = @id", new { id = row.Id, nowMs = NowMs }, transaction);
            var by = new Actor(ActorKind.Member, row.Id, row.Email, address);
            await SqlAuditLog.NoteAsync(transaction, row.Tenant, by, new AuditNote(AuditActions.SignIn, row.Id, "by OpenID Connect"), NowMs);
            return (Member?)(row with { SignedInMs = NowMs }).ToMember();
        }, stop);

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    // Whoever is a member of the organisation already keeps that one membership: an open invitation of another address of theirs stays open.
    private static Task<int> BindAsync(DbTransaction transaction, SignedInPerson person, string email) => transaction.Connection!.ExecuteAsync(
        """
        UPDATE members SET issuer = @Issuer, subject = @Subject
        WHERE email = @email AND subject IS NULL
            AND NOT EXISTS (SELECT 1 FROM members o WHERE o.tenant = members.tenant AND o.issuer = @Issuer AND o.subject = @Subject)
        """,
        new { person.Issuer, person.Subject, email }, transaction);

    // The row's lock makes writers of one organisation queue in PostgreSQL, as SQLite makes all of them by itself: two owners cannot remove each other.
    private static Task<int> QueueAsync(DbTransaction transaction, string tenant) =>
        transaction.Connection!.ExecuteAsync("UPDATE tenants SET name = name WHERE id = @tenant", new { tenant }, transaction);

    private static Task<Row?> CurrentAsync(DbTransaction transaction, string tenant, string id) => transaction.Connection!.QuerySingleOrDefaultAsync<Row>(
        $"SELECT {Columns} FROM members WHERE id = @id AND tenant = @tenant", new { id, tenant }, transaction);

    private static async Task RefuseLastOwnerAsync(DbTransaction transaction, string tenant)
    {
        long owners = await transaction.Connection!.ExecuteScalarAsync<long>(
            "SELECT COUNT(*) FROM members WHERE tenant = @tenant AND role = @owner", new { tenant, owner = Roles.Owner }, transaction);
        if (owners <= 1)
            throw new MemberConflictException(MemberConflict.LastOwner, "This is the organisation's last owner. Make somebody else an owner first.");
    }

    private static void CheckRole(string role)
    {
        if (!Roles.All.Contains(role, StringComparer.Ordinal))
            throw new ControlException($"'{role}' is not a role. Known roles: {string.Join(", ", Roles.All)}.");
    }

    private sealed record OrganisationRow(string Id, string Name, long CreatedMs)
    {
        public Organisation ToOrganisation() => new(Id, Name.Length == 0 ? Id : Name, DateTimeOffset.FromUnixTimeMilliseconds(CreatedMs));
    }

    private sealed record Row
    {
        public string Id { get; init; } = "";
        public string Tenant { get; init; } = "";
        public string Email { get; init; } = "";
        public string Role { get; init; } = "";
        public string? Subject { get; init; }
        public long CreatedMs { get; init; }
        public long? SignedInMs { get; init; }

        public Member ToMember() => new()
        {
            Id = Id,
            Tenant = Tenant,
            Email = Email,
            Role = Role,
            IsBound = Subject is not null,
            Created = DateTimeOffset.FromUnixTimeMilliseconds(CreatedMs),
            SignedIn = SignedInMs is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null,
        };
    }
}
