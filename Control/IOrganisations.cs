namespace Weir.Control;

/// <summary>Organisations (tenants) and the people in them. Every change is noted in the audit log. Safe from any thread.</summary>
public interface IOrganisations
{
    /// <summary>The most members of one organisation.</summary>
    public const int MembersMax = 1000;

    /// <summary>An organisation; null when there is none of this id.</summary>
    Task<Organisation?> FindAsync(string tenant, CancellationToken stop = default);

    /// <summary>Gives an organisation another name of at most <see cref="Organisation.NameCharsMax"/> characters; makes it when it is new.</summary>
    Task<Organisation> RenameAsync(string tenant, string name, Actor by, CancellationToken stop = default);

    /// <summary>A member, read from the store each time: a changed role counts from the next call on. Null when there is none.</summary>
    Task<Member?> FindMemberAsync(string id, CancellationToken stop = default);

    /// <summary>An organisation's members by e-mail.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="after">Only behind this e-mail; null from the first.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="stop">Ends the call.</param>
    Task<IReadOnlyList<Member>> ListMembersAsync(string tenant, string? after = null, int limit = 1000, CancellationToken stop = default);

    /// <summary>Makes somebody a member, who then signs in with that e-mail. Makes the organisation when it is new.</summary>
    /// <param name="tenant">The organisation.</param>
    /// <param name="email">As <see cref="EmailAddress.TryParse"/> gives it.</param>
    /// <param name="role">A name of <see cref="Roles"/>.</param>
    /// <param name="by">Who invites.</param>
    /// <param name="stop">Ends the wait for other writers.</param>
    /// <exception cref="MemberConflictException">Is a member already, or there are too many.</exception>
    /// <exception cref="ControlException">No e-mail address, role or tenant.</exception>
    Task<Member> InviteAsync(string tenant, string email, string role, Actor by, CancellationToken stop = default);

    /// <summary>Gives a member another role; null when this organisation has no such member.</summary>
    /// <exception cref="MemberConflictException">The last owner would be none.</exception>
    Task<Member?> ChangeAsync(string tenant, string id, string role, Actor by, CancellationToken stop = default);

    /// <summary>Removes a member, whose sessions end with it; false when this organisation has no such member.</summary>
    /// <exception cref="MemberConflictException">The last owner would go.</exception>
    Task<bool> RemoveAsync(string tenant, string id, Actor by, CancellationToken stop = default);

    /// <summary>Finds the member that a person is, and binds invitations of the person's verified e-mail to the person.</summary>
    /// <param name="person">Who it is, as a provider says.</param>
    /// <param name="tenant">Only as a member of this organisation; null for the one that was last signed in to, else the oldest.</param>
    /// <param name="address">Where the sign-in came from, for the audit log.</param>
    /// <param name="stop">Ends the wait for other writers.</param>
    /// <returns>Null when the person is nobody's member.</returns>
    Task<Member?> SignInAsync(SignedInPerson person, string? tenant, string? address, CancellationToken stop = default);
}
