using Weir.Worker;

namespace Weir.Settings;

/// <summary>What the settings say of a worker; flags of <c>weir worker</c> stand over it.</summary>
internal sealed record WorkerSettings
{
    /// <summary>Where the API answers; null for the settings' own <c>api</c>.</summary>
    public Uri? Api { get; init; }

    /// <summary>The API key; empty for the data folder's admin key.</summary>
    public string Key { get; init; } = "";

    /// <summary>What the worker is called; null for machine and process.</summary>
    public string? Name { get; init; }

    /// <summary>For how long a scan is leased.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an answer serves other scans of the same query.</summary>
    public TimeSpan AnswerLife { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long scans under way may take when the worker is asked to stop.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The engines.</summary>
    public IReadOnlyList<EngineOptions> Engines { get; init; } = [];

    /// <summary>What else brands are known by.</summary>
    public IReadOnlyList<BrandOptions> Brands { get; init; } = [];
}
