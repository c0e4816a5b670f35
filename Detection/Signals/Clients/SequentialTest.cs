namespace Weir.Detection.Signals.Clients;

/// <summary>What the sequential test has come to about a client.</summary>
public enum Called : byte
{
    /// <summary>The evidence does not do yet.</summary>
    Nothing,

    /// <summary>It behaves as programs do.</summary>
    Program,

    /// <summary>It behaves as people's browsers do.</summary>
    Person,
}

/// <summary>
/// Wald's sequential probability ratio test (Annals of Mathematical Statistics 16/2, 1945): the log-likelihood ratios of a client's
/// requests are summed, and it is called a program or a person as soon as the sum passes the bound that the allowed errors set.
/// </summary>
/// <remarks>
/// Wald's bounds hold for independent observations, and requests are not: a browser that takes a page takes twenty pictures. So a page
/// and its parts count as one turn, in which each kind of part is counted once; the ratios are half of those measured, and bounded; and
/// the sum is bounded too, so that an address can be called anew when somebody else comes to use it.
/// </remarks>
internal sealed class SequentialTest
{
    /// <summary>How often a person may be called a program.</summary>
    public const double FalseAlarm = 0.01;

    /// <summary>How often a program may be called a person.</summary>
    public const double Miss = 0.05;

    /// <summary>From here on it is a program: ln((1 − β) ÷ α).</summary>
    public static readonly float Upper = (float)Math.Log((1 - Miss) / FalseAlarm);

    /// <summary>From here on it is a person: ln(β ÷ (1 − α)).</summary>
    public static readonly float Lower = (float)Math.Log(Miss / (1 - FalseAlarm));

    private readonly short[] _steps;

    /// <param name="ratios">Natural log-likelihood ratio of each <see cref="Observation"/>: positive speaks for a program.</param>
    public SequentialTest(ReadOnlySpan<float> ratios)
    {
        if (ratios.Length != Enum.GetValues<Observation>().Length)
            throw new ArgumentException("One ratio is needed for each observation.", nameof(ratios));
        _steps = new short[ratios.Length];
        for (int i = 0; i < ratios.Length; i++)
            _steps[i] = (short)MathF.Round(ratios[i] * TestWord.UnitsPerNat);
    }

    /// <summary>The ratios that ship, in the order of <see cref="Observation"/>.</summary>
    /// <remarks>Fitted by bench/Accuracy on the elder half of a log of 2015, and scored on the younger half in bench/reports/accuracy.md. Judged
    /// down where that site is not the world: a page with no page before it (mail, apps and privacy settings send people so), a picture
    /// alone (shared in chats), feeds and things unchanged (browsers have both), and icons (whoever shows a link fetches one).</remarks>
    public static ReadOnlySpan<float> Ratios => [0.7f, -0.2f, -1.4f, 0.3f, -0.9f, 1.5f, 1f, -0.3f, 1.2f, 0.5f, 0.8f];

    /// <summary>The test that ships.</summary>
    public static SequentialTest Default { get; } = new(Ratios);

    /// <summary>Adds one answer to a client's word.</summary>
    public ulong Add(ulong word, uint hour, PathClass path, ushort status, bool hasReferrer, bool siteHasAssets)
    {
        word = TestWord.Roll(word, hour);
        bool isAsset = path is PathClass.Asset or PathClass.Icon;
        if (isAsset && TestWord.Has(word, path == PathClass.Icon ? TestWord.IconCounted : TestWord.AssetCounted))
            return word;
        bool inTurn = TestWord.Has(word, TestWord.PagePending | TestWord.AssetCounted | TestWord.IconCounted);
        int step = _steps[(int)Of(path, status, hasReferrer, inTurn)];
        if (path == PathClass.Page && siteHasAssets && TestWord.Has(word, TestWord.PagePending))
            step += _steps[(int)Observation.PageAlone];
        word = path switch
        {
            PathClass.Asset => TestWord.With(word, TestWord.AssetCounted, TestWord.PagePending),
            PathClass.Icon => TestWord.With(word, TestWord.IconCounted, 0),
            PathClass.Page => TestWord.With(word, status is 0 or 200 ? TestWord.PagePending : 0,
                TestWord.PagePending | TestWord.AssetCounted | TestWord.IconCounted),
            _ => word,
        };
        return TestWord.Step(word, step, Upper, Lower);
    }

    /// <summary>What an answer is an observation of.</summary>
    internal static Observation Of(PathClass path, ushort status, bool hasReferrer, bool inTurn) => path switch
    {
        PathClass.RobotsTxt => Observation.RobotsTxt,
        PathClass.Icon => Observation.Icon,
        // A missing part is the site's fault, and asked for all the same.
        PathClass.Asset => inTurn || hasReferrer ? Observation.AssetOfPage : Observation.AssetAlone,
        _ when status is >= 400 and < 500 => Observation.Missing,
        _ when status == 304 && !hasReferrer => Observation.Unchanged,
        PathClass.Page => hasReferrer ? Observation.PageLed : Observation.PageUnled,
        _ => hasReferrer ? Observation.OtherLed : Observation.OtherUnled,
    };
}

/// <summary>The state of the sequential test: 16 bits of the hour, 16 of the sum (1/256 nat, signed), 12 of answers, 12 of the answer at
/// which it was called, 2 of what was called, 3 of the turn.</summary>
internal static class TestWord
{
    public const int UnitsPerNat = 256;
    public const ulong PagePending = 1, AssetCounted = 2, IconCounted = 4;

    private const int HourBits = 16;
    private const int SumAt = 32, AnswersAt = 20, CalledAtAt = 8, CalledAt = 4;
    private const ulong CountMax = 0xFFF;
    private const int SumMax = 8 * UnitsPerNat;

    public static bool Has(ulong word, ulong any) => (word & any) != 0;

    public static ulong With(ulong word, ulong set, ulong clear) => word & ~clear | set;

    /// <summary>The sum of log-likelihood ratios, −8 to 8.</summary>
    public static float Sum(ulong word) => (short)(word >> SumAt) / (float)UnitsPerNat;

    public static Called CalledOf(ulong word) => (Called)(word >> CalledAt & 3);

    /// <summary>How many answers were looked at before the client was called; 0 as long as it is not.</summary>
    public static int CalledAfter(ulong word) => (int)(word >> CalledAtAt & CountMax);

    /// <summary>The word as it stands in an hour: the sum is halved, and who is called stays so while a quarter of the way is left.</summary>
    public static ulong Roll(ulong word, uint hour)
    {
        int since = Period.Since((uint)(word >> 48), hour, HourBits);
        if (since == 0)
            return word;
        if (since == 2)
            return (ulong)(ushort)hour << 48;
        int sum = (short)(word >> SumAt) / 2;
        word = word & ~(0xFFFF_FFFFUL << SumAt) | (ulong)(ushort)hour << 48 | (ulong)(ushort)sum << SumAt;
        return Math.Abs(sum) >= UnitsPerNat ? word : word & ~(CountMax << CalledAtAt | 3UL << CalledAt | CountMax << AnswersAt);
    }

    /// <summary>Adds one answer's ratio, and calls the client when a bound is passed.</summary>
    public static ulong Step(ulong word, int step, float upper, float lower)
    {
        int sum = Math.Clamp((short)(word >> SumAt) + step, -SumMax, SumMax);
        ulong answers = Math.Min((word >> AnswersAt & CountMax) + 1, CountMax);
        word = word & ~(0xFFFFUL << SumAt | CountMax << AnswersAt) | (ulong)(ushort)sum << SumAt | answers << AnswersAt;
        var called = sum >= upper * UnitsPerNat ? Called.Program : sum <= lower * UnitsPerNat ? Called.Person : Called.Nothing;
        if (called == Called.Nothing || called == CalledOf(word))
            return word;
        ulong after = CalledAfter(word) == 0 ? answers : (ulong)CalledAfter(word);
        return word & ~(CountMax << CalledAtAt | 3UL << CalledAt) | after << CalledAtAt | (ulong)called << CalledAt;
    }
}
