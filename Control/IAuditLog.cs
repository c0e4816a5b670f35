namespace Weir.Control;

/// <summary>Who changed what when. Changes of the control store write into it in their own transaction. Safe from any thread.</summary>
public interface IAuditLog
{
    /// <summary>Notes something that changed no table of the control store, such as a refused sign-in.</summary>
    /// <param name="tenant">Who may read it.</param>
    /// <param name="by">Who did it.</param>
    /// <param name="what">What was done.</param>
    /// <param name="stop">Ends the call.</param>
    Task NoteAsync(string tenant, Actor by, AuditNote what, CancellationToken stop = default);

    /// <summary>A tenant's entries, the newest first.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="filter">Which of them.</param>
    /// <param name="before">Only before this entry; null from the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="stop">Ends the call.</param>
    Task<IReadOnlyList<AuditEntry>> ListAsync(string tenant, AuditFilter filter, long? before, int limit, CancellationToken stop = default);

    /// <summary>Deletes every tenant's entries from before a time; returns how many.</summary>
    Task<int> DeleteBeforeAsync(DateTimeOffset time, CancellationToken stop = default);
}

/// <summary>What was done.</summary>
/// <param name="Action">Such as <c>member.invite</c>; see <see cref="AuditActions"/>.</param>
/// <param name="Subject">What it was done to: an id.</param>
/// <param name="Detail">What became of it, for people; no secret.</param>
public sealed record AuditNote(string Action, string Subject, string Detail = "");

/// <summary>Which entries; null for any.</summary>
/// <param name="Action">Only this action.</param>
/// <param name="Actor">Only by the key, member, share or account with this id.</param>
/// <param name="Subject">Only about this id.</param>
public sealed record AuditFilter(string? Action = null, string? Actor = null, string? Subject = null);

/// <summary>One entry.</summary>
/// <param name="Id">Its place: later entries have higher ones.</param>
/// <param name="Time">When.</param>
/// <param name="By">Who.</param>
/// <param name="What">What.</param>
public sealed record AuditEntry(long Id, DateTimeOffset Time, Actor By, AuditNote What);

/// <summary>What the audit log knows. The names are promised to users: they may grow, never change.</summary>
public static class AuditActions
{
    /// <summary>An organisation got another name.</summary>
    public const string OrganisationRename = "organisation.rename";

    /// <summary>Somebody was invited.</summary>
    public const string MemberInvite = "member.invite";

    /// <summary>A member got another role.</summary>
    public const string MemberChange = "member.change";

    /// <summary>A member was removed.</summary>
    public const string MemberRemove = "member.remove";

    /// <summary>A key was made.</summary>
    public const string KeyCreate = "key.create";

    /// <summary>A key was revoked.</summary>
    public const string KeyRevoke = "key.revoke";

    /// <summary>A share link was made.</summary>
    public const string ShareCreate = "share.create";

    /// <summary>A share link was revoked.</summary>
    public const string ShareRevoke = "share.revoke";

    /// <summary>A site's definition was made or changed.</summary>
    public const string DefinitionPut = "definition.put";

    /// <summary>A site's definition was removed.</summary>
    public const string DefinitionRemove = "definition.remove";

    /// <summary>A rule was turned on.</summary>
    public const string RuleEnforce = "rule.enforce";

    /// <summary>A rule was turned back to dry run.</summary>
    public const string RuleDryRun = "rule.dry-run";

    /// <summary>An alert was made or changed.</summary>
    public const string AlertPut = "alert.put";

    /// <summary>An alert was removed.</summary>
    public const string AlertRemove = "alert.remove";

    /// <summary>An organisation's budget of scans was written.</summary>
    public const string SchedulingPut = "scheduling.put";

    /// <summary>Scans were asked for.</summary>
    public const string ScansRequest = "scans.request";

    /// <summary>Dead letters were queued again.</summary>
    public const string ScansReplay = "scans.replay";

    /// <summary>A site's sitemap was fetched for somebody, or is from now on.</summary>
    public const string SitemapFetch = "sitemap.fetch";

    /// <summary>A webhook was made or changed.</summary>
    public const string WebhookPut = "webhook.put";

    /// <summary>A webhook got another secret.</summary>
    public const string WebhookSecret = "webhook.secret";

    /// <summary>A webhook was removed.</summary>
    public const string WebhookRemove = "webhook.remove";

    /// <summary>A file of targets was imported, or taken to be imported.</summary>
    public const string TargetImport = "target.import";

    /// <summary>A brand got another name.</summary>
    public const string BrandRename = "brand.rename";

    /// <summary>A brand was removed with its targets.</summary>
    public const string BrandRemove = "brand.remove";

    /// <summary>A topic was made, or got other pages.</summary>
    public const string TopicPut = "topic.put";

    /// <summary>A topic got another name.</summary>
    public const string TopicRename = "topic.rename";

    /// <summary>A topic was removed.</summary>
    public const string TopicRemove = "topic.remove";

    /// <summary>Suggested pages were linked to queries.</summary>
    public const string SuggestionConfirm = "suggestion.confirm";

    /// <summary>Suggested pages were refused.</summary>
    public const string SuggestionReject = "suggestion.reject";

    /// <summary>What was said of suggested pages was taken back.</summary>
    public const string SuggestionUndo = "suggestion.undo";

    /// <summary>An endpoint for signed events was made.</summary>
    public const string InboundCreate = "inbound.create";

    /// <summary>An endpoint for signed events was removed.</summary>
    public const string InboundRemove = "inbound.remove";

    /// <summary>Somebody signed in.</summary>
    public const string SignIn = "sign-in";

    /// <summary>Somebody was not let in.</summary>
    public const string SignInRefused = "sign-in.refused";

    /// <summary>Somebody signed out.</summary>
    public const string SignOut = "sign-out";

    /// <summary>Every action.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        OrganisationRename, MemberInvite, MemberChange, MemberRemove, KeyCreate, KeyRevoke, ShareCreate, ShareRevoke,
        DefinitionPut, DefinitionRemove, RuleEnforce, RuleDryRun, AlertPut, AlertRemove, SchedulingPut, ScansRequest, ScansReplay, SitemapFetch,
        WebhookPut, WebhookSecret, WebhookRemove, InboundCreate, InboundRemove, TargetImport, BrandRename, BrandRemove, TopicPut, TopicRename, TopicRemove,
        SuggestionConfirm, SuggestionReject, SuggestionUndo, SignIn, SignInRefused, SignOut,
    ];
}
