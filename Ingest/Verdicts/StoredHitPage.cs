using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Weir.Detection;
using Weir.Ingest.AccessLogs;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Verdicts;

/// <summary>Hits of one site in the order of time, as ClickHouse sent them; read row by row. For one thread at a time, used again for the next page.</summary>
/// <remarks>Raw bytes, since the driver's reader boxes every value and a run reads millions of rows.</remarks>
internal sealed class StoredHitPage : IDisposable
{
    /// <summary>The columns in the order in which a row holds them.</summary>
    public const string Columns =
        "toUnixTimestamp64Milli(time), hit_id, toUInt8(source), client_address, toUInt8(kind), toUInt8(purpose), toUInt8(identity), toUInt8(identity_method), "
        + "score, reasons, toUInt8(referral_class), crawler, operator, range_list, referral_source, host, query, user_agent, referrer";

    private const int FixedBytes = 8 + 8 + 1 + 16 + 4 + 1 + 8 + 1, Texts = 8;

    // Some 200,000 usual rows; a page of the longest rows ends sooner, so that memory stays bounded.
    private const int BytesMax = 64 * 1024 * 1024;

    private readonly TextCache _names = new();
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(1024 * 1024);
    private char[] _chars = new char[64 * 1024];
    private int _length;
    private int _at;

    /// <summary>Rows read since the page was filled.</summary>
    public int Rows { get; private set; }

    /// <summary>Where the page's last whole row is; default for an empty page.</summary>
    public (long TimeMs, ulong HitId) Last { get; private set; }

    /// <summary>The first row's time.</summary>
    public long FirstTimeMs => BinaryPrimitives.ReadInt64LittleEndian(_bytes);

    /// <summary>Whether any row claims a crawler.</summary>
    public bool HasCrawlers { get; private set; }

    /// <summary>Takes a page: everything that the stream holds, or as much as fits.</summary>
    /// <returns>Whole rows.</returns>
    public async Task<int> FillAsync(Stream stream, CancellationToken stop)
    {
        (_length, _at, Rows, Last, HasCrawlers) = (0, 0, 0, default, false);
        while (_length < BytesMax)
        {
            if (_length == _bytes.Length)
                Grow();
            int read = await stream.ReadAsync(_bytes.AsMemory(_length), stop);
            if (read == 0)
                break;
            _length += read;
        }
        return CountRows();
    }

    /// <summary>Reads the next row; false behind the last.</summary>
    public bool TryRead(out StoredHit hit)
    {
        hit = default;
        if (_at >= _length)
            return false;
        var row = _bytes.AsSpan(_at, _length - _at);
        int start = row.Length;
        long timeMs = BinaryPrimitives.ReadInt64LittleEndian(row);
        ulong id = BinaryPrimitives.ReadUInt64LittleEndian(row[8..]);
        var numbers = row[16..FixedBytes];
        ReadOnlySpan<byte> rest = row[FixedBytes..];
        string crawler = _names.Get(Take(ref rest)), operatorName = _names.Get(Take(ref rest)), list = _names.Get(Take(ref rest)), source = _names.Get(Take(ref rest));
        int chars = 0;
        var host = Decode(ref rest, ref chars);
        var query = Decode(ref rest, ref chars);
        var userAgent = Decode(ref rest, ref chars);
        var referrer = Decode(ref rest, ref chars);
        _at += start - rest.Length;
        Rows++;
        hit = new StoredHit
        {
            TimeMs = timeMs,
            HitId = id,
            ClientAddress = new ClientAddress(BinaryPrimitives.ReadUInt128BigEndian(numbers[1..])),
            Host = _chars.AsSpan(host),
            Query = _chars.AsSpan(query),
            UserAgent = _chars.AsSpan(userAgent),
            Referrer = _chars.AsSpan(referrer),
            Verdict = new StoredVerdict
            {
                Kind = (VerdictKind)numbers[17],
                Purpose = (Purpose)numbers[18],
                Identity = (Identity)numbers[19],
                IdentityMethod = (IdentityMethod)numbers[20],
                Score = numbers[21],
                Reasons = new ReasonSet(BinaryPrimitives.ReadUInt64LittleEndian(numbers[22..])),
                ReferralClass = (ReferralClass)numbers[30],
                Crawler = crawler,
                Operator = operatorName,
                RangeList = list,
                ReferralSource = source,
                HadHeaders = numbers[0] == (byte)HitSource.Edge,
            },
        };
        return true;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    // Counts whole rows and cuts a row that the end of the page divides.
    private int CountRows()
    {
        int rows = 0, at = 0;
        while (_length - at >= FixedBytes)
        {
            ReadOnlySpan<byte> rest = _bytes.AsSpan(at + FixedBytes, _length - at - FixedBytes);
            bool isWhole = true;
            int crawlerBytes = 0;
            for (int text = 0; text < Texts && isWhole; text++)
            {
                isWhole = TrySkip(ref rest, out int length);
                crawlerBytes = text == 0 ? length : crawlerBytes;
            }
            if (!isWhole)
                break;
            HasCrawlers |= crawlerBytes > 0;
            Last = (BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(at)), BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(at + 8)));
            at = _length - rest.Length;
            rows++;
        }
        _length = at;
        return rows;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> rest, out int length)
    {
        length = 0;
        for (int i = 0, shift = 0; i < rest.Length && i < 5; i++, shift += 7)
        {
            length |= (rest[i] & 0x7F) << shift;
            if (rest[i] >= 0x80)
                continue;
            if (length < 0 || rest.Length - i - 1 < length)
                return false;
            rest = rest[(i + 1 + length)..];
            return true;
        }
        return false;
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest)
    {
        int length = RowBuffer.ReadVarInt(ref rest);
        var text = rest[..length];
        rest = rest[length..];
        return text;
    }

    private Range Decode(ref ReadOnlySpan<byte> rest, ref int chars)
    {
        var text = Take(ref rest);
        if (_chars.Length - chars < text.Length)
            Array.Resize(ref _chars, Math.Max(_chars.Length * 2, chars + text.Length));
        int from = chars;
        chars += Encoding.UTF8.GetChars(text, _chars.AsSpan(from));
        return from..chars;
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_bytes.Length * 2);
        _bytes.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
