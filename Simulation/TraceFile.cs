using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Weir.Scheduling.Selection;

namespace Weir.Simulation;

/// <summary>Traces as files: a JSON object a line, gzipped where the name ends in <c>.gz</c>.</summary>
/// <remarks>
/// The first line says what the targets are: <c>{"targets":2,"engines":1,"days":120,"warmup":30,"tick":0.0833,"brandOf":[0,0],"engineOf":[0,0]}</c>. Then in the order of
/// time, in days: <c>{"t":0.4,"change":1}</c>, <c>{"t":0.5,"signal":"crawlChanged","target":0,"weight":1}</c>, <c>{"t":3.2,"engineUpdate":0}</c>.
/// </remarks>
public static class TraceFile
{
    /// <summary>Targets that a file may have: what a machine of 24 GB holds with room.</summary>
    public const int TargetsMax = 5_000_000;

    // A first line of five million targets; other lines are short.
    private const int LineMax = 100 << 20;

    private static readonly Dictionary<string, SignalClass> Signals = new(StringComparer.Ordinal)
    {
        ["crawlChanged"] = SignalClass.CrawlChanged,
        ["crawlSame"] = SignalClass.CrawlSame,
        ["userFetch"] = SignalClass.UserFetch,
        ["competitor"] = SignalClass.Competitor,
        ["sitemap"] = SignalClass.Sitemap,
        ["trending"] = SignalClass.Trending,
    };

    /// <summary>Reads one.</summary>
    /// <exception cref="SimulationException">The file is no trace; the message names the line and what is wrong with it.</exception>
    public static Trace Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using Stream stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, 1 << 16);
            return Read(reader);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new SimulationException($"{path}: {e.Message}", e);
        }
        catch (SimulationException e)
        {
            throw new SimulationException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="SimulationException">The text is no trace; the message names the line.</exception>
    public static Trace Read(TextReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var head = ReadHead(NextLine(reader, 1) ?? throw new SimulationException("line 1: the file is empty; a trace begins with what its targets are."));
        var events = new List<TraceEvent>();
        double last = 0;
        for (long number = 2; NextLine(reader, number) is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            var e = ReadEvent(line, head, number);
            if (e.At < last)
                throw new SimulationException(string.Create(CultureInfo.InvariantCulture, $"line {number}: t is {e.At}, before the line above ({last}); lines are in the order of time."));
            last = e.At;
            events.Add(e);
        }
        return new Trace { Fleet = head.Fleet, Days = head.Days, Warmup = head.Warmup, Tick = head.Tick, Events = events };
    }

    /// <summary>Writes one; true rates are not part of it.</summary>
    public static void Write(Trace trace, string path)
    {
        ArgumentNullException.ThrowIfNull(trace);
        using var file = File.Create(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionLevel.Fastest) : file;
        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16) { NewLine = "\n" };
        Write(trace, writer);
    }

    /// <summary>Writes one; true rates are not part of it.</summary>
    public static void Write(Trace trace, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(writer);
        var names = Signals.ToDictionary(s => (byte)s.Value, s => s.Key);
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{{\"targets\":{trace.Fleet.Targets},\"engines\":{trace.Fleet.Engines},\"days\":{trace.Days:R},\"warmup\":{trace.Warmup:R},\"tick\":{trace.Tick:R},\"brandOf\":[{string.Join(',', trace.Fleet.TenantOf)}],\"engineOf\":[{string.Join(',', trace.Fleet.EngineOf)}]}}"));
        foreach (var e in trace.Events)
        {
            writer.WriteLine(e.Kind switch
            {
                TraceKind.Change => string.Create(CultureInfo.InvariantCulture, $"{{\"t\":{e.At:R},\"change\":{e.Subject}}}"),
                TraceKind.EngineUpdate => string.Create(CultureInfo.InvariantCulture, $"{{\"t\":{e.At:R},\"engineUpdate\":{e.Subject}}}"),
                _ => string.Create(CultureInfo.InvariantCulture, $"{{\"t\":{e.At:R},\"signal\":\"{names[e.Detail]}\",\"target\":{e.Subject},\"weight\":{e.Weight}}}"),
            });
        }
    }

    private static string? NextLine(TextReader reader, long number)
    {
        string? line = reader.ReadLine();
        return line is { Length: > LineMax } ? throw new SimulationException($"line {number}: longer than {LineMax >> 20} MB.") : line;
    }

    private static (Fleet Fleet, double Days, double Warmup, double Tick) ReadHead(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var head = json.RootElement;
            int targets = head.GetProperty("targets").GetInt32();
            int engines = head.GetProperty("engines").GetInt32();
            double days = head.GetProperty("days").GetDouble();
            double warmup = head.TryGetProperty("warmup", out var w) ? w.GetDouble() : 0;
            double tick = head.TryGetProperty("tick", out var k) ? k.GetDouble() : 1.0 / 12;
            int[] brandOf = Numbers(head.GetProperty("brandOf")), engineOf = Numbers(head.GetProperty("engineOf"));
            if (targets is < 1 or > TargetsMax || brandOf.Length != targets || engineOf.Length != targets)
                throw new SimulationException($"line 1: targets is {targets}, brandOf has {brandOf.Length} and engineOf {engineOf.Length} numbers; they must agree, and be 1 to {TargetsMax:N0}.");
            if (engines is < 1 or > 1000 || engineOf.Any(e => e < 0 || e >= engines) || brandOf.Any(b => b < 0 || b >= targets))
                throw new SimulationException("line 1: engineOf holds numbers from 0 to engines - 1, and brandOf numbers from 0 up.");
            if (!(days is >= 0.1 and <= 3_650 && warmup >= 0 && warmup < days && tick is >= 1.0 / 1440 and <= 30))
                throw new SimulationException("line 1: days must be 0.1 to 3650, warmup below days, tick from a minute (1/1440) to 30 days.");
            return (new Fleet(brandOf, engineOf), days, warmup, tick);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new SimulationException($"line 1: {e.Message} A trace begins with {{\"targets\":…,\"engines\":…,\"days\":…,\"warmup\":…,\"tick\":…,\"brandOf\":[…],\"engineOf\":[…]}}.", e);
        }
    }

    private static int[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(n => n.GetInt32())];

    private static TraceEvent ReadEvent(string line, (Fleet Fleet, double Days, double Warmup, double Tick) head, long number)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(line.Length));
        try
        {
            int length = Encoding.UTF8.GetBytes(line, bytes);
            return ReadEvent(new Utf8JsonReader(bytes.AsSpan(0, length)), head);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or SimulationException)
        {
            throw new SimulationException($"line {number}: {e.Message}", e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static TraceEvent ReadEvent(Utf8JsonReader json, (Fleet Fleet, double Days, double Warmup, double Tick) head)
    {
        double at = double.NaN, weight = 1;
        int? change = null, target = null, update = null;
        string? signal = null;
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
            throw new SimulationException("a line must be a JSON object.");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            json.Read();
            switch (name)
            {
                case "t": at = json.GetDouble(); break;
                case "change": change = json.GetInt32(); break;
                case "signal": signal = json.GetString(); break;
                case "target": target = json.GetInt32(); break;
                case "weight": weight = json.GetDouble(); break;
                case "engineUpdate": update = json.GetInt32(); break;
                default: json.Skip(); break;
            }
        }
        if (!(at >= 0 && at <= head.Days))
            throw new SimulationException($"t must be there, from 0 to days ({head.Days.ToString(CultureInfo.InvariantCulture)}).");
        return (change, signal, update) switch
        {
            ({ } subject, null, null) => new TraceEvent(at, In(subject, head.Fleet.Targets, "change"), (Half)1, TraceKind.Change, 0),
            (null, null, { } subject) => new TraceEvent(at, In(subject, head.Fleet.Engines, "engineUpdate"), (Half)1, TraceKind.EngineUpdate, 0),
            (null, { } word, null) => new TraceEvent(at, In(target ?? -1, head.Fleet.Targets, "target"), Weight(weight), TraceKind.Signal, (byte)Word(word)),
            _ => throw new SimulationException("a line has one of change, signal or engineUpdate."),
        };
    }

    private static SignalClass Word(string word) => Signals.TryGetValue(word, out var signal) ? signal
        : throw new SimulationException($"'{(word.Length > 50 ? word[..50] : word)}' is no signal. Known: {string.Join(", ", Signals.Keys)}.");

    private static Half Weight(double weight) => weight is >= 0 and <= 1 ? (Half)weight : throw new SimulationException("weight must be from 0 to 1.");

    private static int In(int number, int count, string name) =>
        number >= 0 && number < count ? number : throw new SimulationException($"{name} must be a number from 0 to {count - 1}.");
}
