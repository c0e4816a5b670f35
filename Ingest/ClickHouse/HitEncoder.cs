using System.Buffers.Binary;
using System.Numerics;
using Weir.Detection;
using Weir.Ingest.Privacy;

namespace Weir.Ingest.ClickHouse;

/// <summary>Writes hits as rows of table <c>hits</c>. Allocates nothing while the buffer has room.</summary>
internal static class HitEncoder
{
    /// <summary>The columns in the order written; <c>inserted_at</c> is the server's.</summary>
    public const string Columns =
        "time, site, hit_id, source, client_address, method, host, path, query, http_version, status, bytes_sent, duration_us, "
        + "user_agent, referrer, error, kind, crawler, operator, purpose, identity, identity_method, range_list, score, confidence, "
        + "reasons, referral_class, referral_source, policy_rule, policy_action, dry_run_rule, dry_run_action, country, asn, edge_us, cache, address_form";

    /// <summary>The longest text kept: what servers accept as a header or request line by default (nginx and Apache: 8 KiB).</summary>
    public const int MaxChars = 8192;

    /// <summary>Longest method kept; the longest registered one has 17 letters, and the column is a dictionary.</summary>
    public const int MaxMethodChars = 32;

    /// <summary>Longest host kept: the limit of DNS, rounded up; the column is a dictionary.</summary>
    public const int MaxHostChars = 256;

    // DateTime64(3) holds 1900–2299; partitions by month are right from 1970 on. A clock outside of these is broken.
    private const long MaxTimeMs = 10_413_792_000_000;

    /// <summary>Writes one hit. False when ClickHouse could not hold it: a time outside 1970–2299 or a number outside its list.</summary>
    /// <remarks>ClickHouse reads an enum number without checking it and then cannot show the row, so it is checked here.</remarks>
    /// <param name="rows">Where to.</param>
    /// <param name="hit">The hit, with the whole address: this is where the form that its site wants is made.</param>
    /// <param name="salts">What addresses are hashed with.</param>
    public static bool TryWrite(RowBuffer rows, in Hit hit, DailySalts salts)
    {
        var verdict = hit.Verdict;
        if (!CanHold(hit, verdict))
            return false;
        rows.Write(hit.TimeMs);
        rows.Write(hit.Site.Value, SiteId.MaxLength);
        rows.Write(hit.HitId);
        rows.Write((byte)hit.Source);
        rows.WriteIPv6(StoredAddress.Of(hit, salts).Value);
        rows.Write(hit.Method, MaxMethodChars);
        rows.Write(hit.Host, MaxHostChars);
        rows.Write(hit.PathText.Span, MaxChars);
        rows.Write(hit.QueryText.Span, MaxChars);
        rows.Write(hit.HttpVersion);
        rows.Write(hit.Status);
        rows.Write(hit.BytesSent);
        rows.Write(Rounded(hit.DurationUs));
        rows.Write(hit.UserAgent, MaxChars);
        rows.Write(hit.Referrer, MaxChars);
        rows.Write(hit.Error, MaxHostChars);
        WriteVerdict(rows, verdict);
        rows.Write(hit.PolicyRule, MaxHostChars);
        rows.Write((byte)hit.PolicyAction);
        rows.Write(hit.DryRunRule, MaxHostChars);
        rows.Write((byte)hit.DryRunAction);
        rows.Write(hit.Country.Code, MaxHostChars);
        rows.Write(hit.Asn);
        rows.Write(Rounded(hit.EdgeUs));
        rows.Write((byte)hit.Cache);
        rows.Write((byte)hit.AddressForm);
        rows.EndRow();
        return true;
    }

    /// <summary>The site of an encoded row.</summary>
    public static ReadOnlySpan<byte> SiteOf(ReadOnlySpan<byte> row)
    {
        var rest = row[sizeof(long)..];
        int length = RowBuffer.ReadVarInt(ref rest);
        return rest[..length];
    }

    /// <summary>Whether bytes from a disk have what <see cref="SiteOf"/>, <see cref="KeyOf"/> and <see cref="IsCrawlerFetch"/> read.</summary>
    public static bool HasKey(ReadOnlySpan<byte> row)
    {
        try
        {
            var rest = row[sizeof(long)..];
            int length = RowBuffer.ReadVarInt(ref rest);
            _ = rest[length..][sizeof(ulong)..];
            _ = IsCrawlerFetch(row);
            return true;
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            return false;
        }
    }

    /// <summary>Time and id of an encoded row.</summary>
    public static (long TimeMs, ulong HitId) KeyOf(this RowBuffer rows, int row)
    {
        var bytes = rows.Slice(row, 1).Span;
        var behindTime = bytes[sizeof(long)..];
        int siteLength = RowBuffer.ReadVarInt(ref behindTime);
        return (BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(behindTime[siteLength..]));
    }

    /// <summary>Whether an encoded row is a crawler's fetch at the edge, as view <c>crawler_fetches_view</c> selects them.</summary>
    public static bool IsCrawlerFetch(ReadOnlySpan<byte> row)
    {
        const int AddressBytes = 16, NumbersBytes = sizeof(byte) + sizeof(ushort) + sizeof(ulong) + sizeof(uint);
        row = row[sizeof(long)..];
        SkipTexts(ref row, 1);
        row = row[sizeof(ulong)..];
        bool isEdge = row[0] == (byte)HitSource.Edge;
        row = row[(1 + AddressBytes)..];
        SkipTexts(ref row, 4);
        row = row[NumbersBytes..];
        SkipTexts(ref row, 3);
        return isEdge && row[0] == (byte)VerdictKind.Crawler;
    }

    /// <summary>Whether a time is one that the table holds and that has a month.</summary>
    public static bool CanHoldTime(long timeMs) => timeMs is >= 0 and < MaxTimeMs;

    /// <summary>Year and month of a time as ClickHouse's <c>toYYYYMM</c> gives it: the partition.</summary>
    public static int MonthOf(long timeMs)
    {
        var day = DateOnly.FromDayNumber((int)(timeMs / 86_400_000) + UnixEpochDay);
        return (day.Year * 100) + day.Month;
    }

    /// <summary>A time to six binary digits, which is within 0.8 %: what lies below is the clock's and the machine's mood, and costs a third of the column.</summary>
    internal static uint Rounded(uint us)
    {
        const int Digits = 6;
        int dropped = 32 - BitOperations.LeadingZeroCount(us) - Digits;
        if (dropped <= 0)
            return us;
        ulong rounded = ((ulong)us + (1UL << (dropped - 1))) >> dropped << dropped;
        return (uint)Math.Min(rounded, uint.MaxValue);
    }

    private const int UnixEpochDay = 719_162;

    private static void SkipTexts(ref ReadOnlySpan<byte> row, int texts)
    {
        for (; texts > 0; texts--)
        {
            int length = RowBuffer.ReadVarInt(ref row);
            row = row[length..];
        }
    }

    /// <summary>Writes the columns of a verdict, from <c>kind</c> to <c>referral_source</c>.</summary>
    public static void WriteVerdict(RowBuffer rows, in Verdict verdict)
    {
        rows.Write((byte)verdict.Kind);
        rows.Write(verdict.Crawler?.Id, MaxHostChars);
        rows.Write(verdict.Crawler?.Operator, MaxHostChars);
        rows.Write((byte)verdict.Purpose);
        rows.Write((byte)verdict.Identity);
        rows.Write((byte)verdict.IdentityMethod);
        rows.Write(verdict.RangeList, MaxHostChars);
        rows.Write(verdict.Score);
        rows.Write(verdict.Confidence);
        rows.Write(verdict.Reasons.Bits);
        rows.Write((byte)verdict.ReferralClass);
        rows.Write(verdict.ReferralSource, MaxHostChars);
    }

    private static bool CanHold(in Hit hit, in Verdict verdict) =>
        CanHoldTime(hit.TimeMs)
        && hit.Source is HitSource.Edge or HitSource.Import
        && verdict.Kind <= VerdictKind.LikelyHuman
        && verdict.Purpose <= Purpose.Other
        && verdict.Identity <= Identity.Pending
        && verdict.IdentityMethod <= IdentityMethod.Signature
        && verdict.ReferralClass <= ReferralClass.Other
        && hit.PolicyAction <= PolicyAction.WithinLimit
        && hit.DryRunAction <= PolicyAction.WithinLimit
        && hit.Cache <= CacheResult.Bypass
        && hit.AddressForm <= AddressForm.None;
}
