using Weir.Detection;

namespace Weir.Control;

/// <summary>What the store knows of an API key; never the key itself.</summary>
public sealed record ApiKey
{
    /// <summary>Public part of the key, shown in lists and logs.</summary>
    public required string Id { get; init; }

    /// <summary>The tenant whose data it opens.</summary>
    public required string Tenant { get; init; }

    /// <summary>What people call it; may be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it allows; names of <see cref="Control.Scopes"/>.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The only sites that it opens; null for every site of its tenant.</summary>
    public IReadOnlyList<SiteId>? Sites { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>From when on it opens nothing; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>When it was last used, to about a minute; null when it never was.</summary>
    public DateTimeOffset? LastUsed { get; init; }

    /// <summary>When it was revoked; null when it was not.</summary>
    public DateTimeOffset? Revoked { get; init; }

    /// <summary>Whether it allows what a scope names; <see cref="Control.Scopes.Admin"/> allows all.</summary>
    public bool Allows(string scope) => Scopes.Contains(scope, StringComparer.Ordinal) || Scopes.Contains(Control.Scopes.Admin, StringComparer.Ordinal);

    /// <summary>Whether its site list has this site, or it has no list. That the site is its tenant's is a question for <see cref="ISites"/>.</summary>
    public bool AllowsSite(SiteId site) => Sites is null || Sites.Contains(site);

    /// <summary>The most keys of one tenant that may be active at a time, when made over the API.</summary>
    public const int ActiveMax = 1000;

    /// <summary>The longest name, in characters.</summary>
    public const int NameCharsMax = 200;

    /// <summary>The public id in a key's text; null when the text has not the form of a key. Says nothing of whether there is such a key.</summary>
    public static string? IdOf(string text) => SecretText.IdOf(SecretText.Key, text);

    /// <summary>Whether it opens anything at that time.</summary>
    public bool IsActive(DateTimeOffset at) => Revoked is null && (Expires is not { } end || at < end);
}

/// <summary>Wishes for a new key.</summary>
/// <param name="Scopes">At least one of <see cref="Control.Scopes.All"/>.</param>
/// <param name="Tenant">Its tenant; made when missing.</param>
/// <param name="Sites">The only sites that it opens; null for every site of its tenant.</param>
/// <param name="Expires">From when on it opens nothing; null for never.</param>
/// <param name="Name">What people call it.</param>
/// <param name="By">Who makes it, for the audit log; the account on this machine without it.</param>
public sealed record NewApiKey(
    IReadOnlyList<string> Scopes,
    string Tenant = Tenant.Default,
    IReadOnlyList<SiteId>? Sites = null,
    DateTimeOffset? Expires = null,
    string Name = "",
    Actor? By = null);

/// <summary>A key just made: the only moment at which its text exists.</summary>
/// <param name="Key">What the store keeps.</param>
/// <param name="Text">The key, <c>weir_…</c>; show it once.</param>
public sealed record CreatedApiKey(ApiKey Key, string Text);
