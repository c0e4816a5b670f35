using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weir.Simulation;

/// <summary>The world that answers change in. Times are days, rates per day; the defaults are the set <c>base</c>.</summary>
/// <remarks>docs/simulate.md says what each means and where its default comes from.</remarks>
public sealed record WorldParameters
{
    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowTrailingCommas = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>Tenants, each with one brand.</summary>
    public int Brands { get; init; } = 80;

    /// <summary>Queries of a brand.</summary>
    public int Queries { get; init; } = 50;

    /// <summary>Engines that each query is asked at.</summary>
    public int Engines { get; init; } = 5;

    /// <summary>Pages of a brand.</summary>
    public int Pages { get; init; } = 40;

    /// <summary>Pages that bear on a query.</summary>
    public int PagesPerQuery { get; init; } = 2;

    /// <summary>Length of the whole.</summary>
    public double Days { get; init; } = 120;

    /// <summary>Days at the beginning that are not measured: policies learn.</summary>
    public double Warmup { get; init; } = 30;

    /// <summary>Time between two choices.</summary>
    public double Tick { get; init; } = 1.0 / 12;

    /// <summary>Share of targets that hardly change.</summary>
    public double WStable { get; init; } = .45;

    /// <summary>Share of those in between; the rest is volatile.</summary>
    public double WMed { get; init; } = .40;

    /// <summary>Median drift rate of stable targets.</summary>
    public double MedStable { get; init; } = .002;

    /// <summary>Sigma of its logarithm.</summary>
    public double SStable { get; init; } = 1;

    /// <summary>Median drift rate of those in between.</summary>
    public double MedMed { get; init; } = .03;

    /// <summary>Sigma of its logarithm.</summary>
    public double SMed { get; init; } = .8;

    /// <summary>Median drift rate of volatile targets.</summary>
    public double MedVol { get; init; } = .25;

    /// <summary>Sigma of its logarithm.</summary>
    public double SVol { get; init; } = .7;

    /// <summary>Multiplies every drift rate.</summary>
    public double DriftMul { get; init; } = 1;

    /// <summary>Sigma of the logarithm of a brand's factor, whose mean is 1.</summary>
    public double BrandSigma { get; init; } = .5;

    /// <summary>Mean days until a target's rate is drawn anew.</summary>
    public double RegimeDays { get; init; } = 120;

    /// <summary>Mean days between two updates of an engine; 0 for none.</summary>
    public double BurstDays { get; init; } = 30;

    /// <summary>Least share of an engine's targets that an update changes.</summary>
    public double PhiLo { get; init; } = .1;

    /// <summary>Largest share.</summary>
    public double PhiHi { get; init; } = .4;

    /// <summary>Days over which an update reaches its targets.</summary>
    public double Rollout { get; init; } = 2;

    /// <summary>Chance that an update is announced.</summary>
    public double PAnnounce { get; init; } = .6;

    /// <summary>Longest time from an update to its announcement.</summary>
    public double AnnounceLag { get; init; } = 1;

    /// <summary>Mean days between two false announcements of an engine; 0 for none.</summary>
    public double FalseAnnounceDays { get; init; } = 60;

    /// <summary>Median rate at which a page is published anew.</summary>
    public double PubMedian { get; init; } = 1.0 / 60;

    /// <summary>Sigma of its logarithm.</summary>
    public double PubSigma { get; init; } = 1;

    /// <summary>Chance that an engine's crawler fetches what is new.</summary>
    public double PFetch { get; init; } = .8;

    /// <summary>Mean days until it does.</summary>
    public double FetchMean { get; init; } = 1;

    /// <summary>Chance that a new page then changes the answer to a query that it bears on.</summary>
    public double PEff { get; init; } = .35;

    /// <summary>Sigma of the logarithm of the delay until then.</summary>
    public double DelaySigma { get; init; } = 1;

    /// <summary>Multiplies that delay, whose median is 3, 0.5, 1, 2 and 3 days by engine.</summary>
    public double DelayMul { get; init; } = 1;

    /// <summary>Chance that the edge sees a fetch.</summary>
    public double PVis { get; init; } = .8;

    /// <summary>Chance that a changed page looks unchanged.</summary>
    public double HashMiss { get; init; } = .1;

    /// <summary>Chance that an unchanged page looks changed.</summary>
    public double HashFalse { get; init; } = .1;

    /// <summary>Mean days between two routine fetches of a page by an engine; 0 for none.</summary>
    public double RecrawlDays { get; init; } = 7;

    /// <summary>Chance that a link of page and query is known.</summary>
    public double MapRecall { get; init; } = .8;

    /// <summary>False links of a query.</summary>
    public double MapSpurious { get; init; } = .4;

    /// <summary>Chance that a change is followed by a fetch for a user.</summary>
    public double PUser { get; init; } = .2;

    /// <summary>Mean days until then.</summary>
    public double UserMean { get; init; } = .25;

    /// <summary>Rate of such fetches that mean nothing, for each page and engine.</summary>
    public double UserBg { get; init; } = .05;

    /// <summary>Rate at which a brand's competitors publish.</summary>
    public double CompRate { get; init; } = .3;

    /// <summary>Chance that it changes an answer, once an engine has fetched it.</summary>
    public double CompEff { get; init; } = .25;

    /// <summary>Chance that it is seen.</summary>
    public double CompVis { get; init; } = .3;

    /// <summary>Rate of false reports of it.</summary>
    public double CompFalse { get; init; } = .1;

    /// <summary>Queries that one concerns.</summary>
    public int CompQueries { get; init; } = 5;

    /// <summary>Chance that a scan reports a change that is none.</summary>
    public double Noise { get; init; }

    /// <summary>Targets in all.</summary>
    [JsonIgnore]
    public int Targets => Brands * Queries * Engines;

    /// <summary>The set <c>calibrated</c>: fewer answers that change, nearer to public figures.</summary>
    public static WorldParameters Calibrated { get; } = new()
    {
        WStable = .65,
        WMed = .22,
        MedStable = .001,
        PubMedian = .005,
        PEff = .2,
        CompEff = .1,
        BurstDays = 60,
        PhiLo = .05,
        PhiHi = .2,
    };

    /// <summary>Sets by name.</summary>
    public static IReadOnlyDictionary<string, WorldParameters> Sets { get; } = new Dictionary<string, WorldParameters>(StringComparer.Ordinal)
    {
        ["base"] = new(),
        ["calibrated"] = Calibrated,
    };

    /// <summary>Reads a JSON object of parameters by their names here, in camel case; what it leaves out has its default.</summary>
    /// <exception cref="SimulationException">It is no such object, names a parameter that there is not, or gives one a value out of its range.</exception>
    public static WorldParameters Parse(string json)
    {
        try
        {
            var read = JsonSerializer.Deserialize<WorldParameters>(json, Form) ?? throw new SimulationException("The parameters must be a JSON object.");
            read.Check();
            return read;
        }
        catch (JsonException e)
        {
            throw new SimulationException($"The parameters cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Fails where a value has no meaning, or asks for more than a machine holds.</summary>
    /// <exception cref="SimulationException">One does.</exception>
    public void Check()
    {
        Between("brands", Brands, 1, 1_000_000);
        Between("queries", Queries, 1, 100_000);
        Between("engines", Engines, 1, 64);
        Between("brands × queries × engines", (double)Brands * Queries * Engines, 1, 5_000_000);
        Between("pages", Pages, 1, 100_000);
        Between("pagesPerQuery", PagesPerQuery, 0, Pages);
        Between("days", Days, 1, 3_650);
        Between("warmup", Warmup, 0, Days - 1.0 / 24);
        Between("tick", Tick, 1.0 / 1440, 30);
        Between("compQueries", CompQueries, 0, Queries);
        foreach (var (name, value) in new[]
        {
            ("wStable", WStable), ("wMed", WMed), ("phiLo", PhiLo), ("phiHi", PhiHi), ("pAnnounce", PAnnounce), ("pFetch", PFetch), ("pEff", PEff), ("pVis", PVis),
            ("hashMiss", HashMiss), ("hashFalse", HashFalse), ("mapRecall", MapRecall), ("pUser", PUser), ("compEff", CompEff), ("compVis", CompVis), ("noise", Noise),
        })
            Between(name, value, 0, 1);
        foreach (var (name, value) in new[]
        {
            ("medStable", MedStable), ("sStable", SStable), ("medMed", MedMed), ("sMed", SMed), ("medVol", MedVol), ("sVol", SVol), ("driftMul", DriftMul), ("brandSigma", BrandSigma),
            ("regimeDays", RegimeDays), ("burstDays", BurstDays), ("rollout", Rollout), ("announceLag", AnnounceLag), ("falseAnnounceDays", FalseAnnounceDays), ("pubMedian", PubMedian),
            ("pubSigma", PubSigma), ("fetchMean", FetchMean), ("delaySigma", DelaySigma), ("delayMul", DelayMul), ("recrawlDays", RecrawlDays), ("mapSpurious", MapSpurious),
            ("userMean", UserMean), ("userBg", UserBg), ("compRate", CompRate), ("compFalse", CompFalse),
        })
            Between(name, value, 0, 10_000);
        if (WStable + WMed > 1)
            throw new SimulationException("wStable and wMed are shares of one whole: together at most 1.");
        if (PhiLo > PhiHi)
            throw new SimulationException("phiLo must not be above phiHi.");
    }

    private static void Between(string name, double value, double min, double max)
    {
        if (!(value >= min && value <= max))
            throw new SimulationException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name} is {value}; it must be from {min} to {max}."));
    }
}

/// <summary>A simulation cannot be run; the message is for people.</summary>
public sealed class SimulationException : Exception
{
    /// <summary>Makes one.</summary>
    public SimulationException()
    {
    }

    /// <summary>Makes one with its message.</summary>
    public SimulationException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with message and cause.</summary>
    public SimulationException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
