namespace Weir.Worker;

/// <summary>Settings of a worker; every default works.</summary>
public sealed record WorkerOptions
{
    /// <summary>Where the API answers, such as <c>http://127.0.0.1:8090/</c>.</summary>
    public required Uri Api { get; init; }

    /// <summary>An API key with the scope <c>scans:write</c>; never logged.</summary>
    public required string Key { get; init; }

    /// <summary>What the worker is called in leases; shown to whoever comes too late.</summary>
    public string Name { get; init; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>The engines to ask, each by itself: one that is away does not hold up the others.</summary>
    public required IReadOnlyList<EngineOptions> Engines { get; init; }

    /// <summary>What else a brand is known by, beside its name and its sites' hosts.</summary>
    public IReadOnlyList<BrandOptions> Brands { get; init; } = [];

    /// <summary>For how long a scan is leased, 5 s to 1 h; renewed at a third of it.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Pause between two looks at an empty queue.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an answer serves other scans of the same query on the same engine; zero for not at all.</summary>
    public TimeSpan AnswerLife { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Characters of answers that are kept for that.</summary>
    public long AnswerCharsMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>How long scans under way may take to end when the worker is asked to stop; what is left is given back.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Without the key.</summary>
    public override string ToString() => $"{Name} for {Api}";
}

/// <summary>An engine as the worker asks it: an endpoint that takes OpenAI's chat completions.</summary>
public sealed record EngineOptions
{
    /// <summary>The engine's id, as targets name it.</summary>
    public required string Engine { get; init; }

    /// <summary>Where <c>chat/completions</c> is asked, such as <c>https://api.openai.com/v1</c>.</summary>
    public required Uri Url { get; init; }

    /// <summary>The model to ask for.</summary>
    public string Model { get; init; } = "default";

    /// <summary>The key of the endpoint; empty when it asks for none. Never logged.</summary>
    public string Key { get; init; } = "";

    /// <summary>What the engine is told before the question; null for nothing, which is how people ask.</summary>
    public string? Instructions { get; init; }

    /// <summary>How long one attempt may take, from the connection to the answer's last byte.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest wait that an engine may ask for (Retry-After) while its scan is held; for longer ones the scan is given back and the engine left alone.</summary>
    public TimeSpan RetryAfterMax { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Wait before the first of two further attempts; drawn around it and doubled for the second.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an engine that mostly fails is left alone at first; doubles up to 32 times while it goes on failing.</summary>
    public TimeSpan BreakFirst { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Questions at a time to begin with, 1 or more.</summary>
    public int ConcurrencyStart { get; init; } = 8;

    /// <summary>Most questions at a time, 1 to 1000.</summary>
    public int ConcurrencyMax { get; init; } = 64;

    /// <summary>Largest answer in bytes as it travels; a larger one is refused.</summary>
    public int AnswerBytesMax { get; init; } = 1024 * 1024;

    /// <summary>Without the key.</summary>
    public override string ToString() => $"{Engine} at {Url.GetLeftPart(UriPartial.Path)} ({Model})";
}

/// <summary>What a brand is known by beside its name.</summary>
/// <param name="Brand">The brand, as targets name it.</param>
/// <param name="Names">Further names that an answer may call it by.</param>
/// <param name="Hosts">Further hosts whose pages are its own; a host covers what is below it.</param>
public sealed record BrandOptions(string Brand, IReadOnlyList<string> Names, IReadOnlyList<string> Hosts);
