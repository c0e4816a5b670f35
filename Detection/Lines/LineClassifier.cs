using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Weir.Detection.Lines;

/// <summary>How a run over lines went.</summary>
/// <param name="Lines">Lines read.</param>
/// <param name="Bad">Those that could not be read; each got an error object in its place.</param>
public readonly record struct LineTotals(long Lines, long Bad);

/// <summary>Classifies requests written one JSON object a line, into one object a line in the same order.</summary>
/// <param name="detector">Judges. Without windows every line is judged by itself; with them by what its client did in the lines before, which
/// should then be in the order of time.</param>
/// <param name="nowMs">The time of lines that say none.</param>
public sealed class LineClassifier(Detector detector, long nowMs)
{
    /// <summary>The longest line read, in bytes; a longer one is passed over and reported.</summary>
    public const int MaxLineLength = 1 << 20;

    // Large enough that a write costs little beside the lines in it.
    private const int WriteAt = 64 * 1024;

    private readonly RequestLine _line = new();
    private readonly ArrayBufferWriter<byte> _out = new(2 * WriteAt);
    private long _lines;
    private long _bad;

    /// <summary>Reads to the end of the input. What is done is written whenever the input has to be waited for.</summary>
    public LineTotals Run(Stream input, Stream output)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        using var writer = new Utf8JsonWriter(_out, new JsonWriterOptions { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MaxLineLength + 1);
        try
        {
            Read(input, output, buffer, writer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return new LineTotals(_lines, _bad);
    }

    private void Read(Stream input, Stream output, byte[] buffer, Utf8JsonWriter writer)
    {
        int held = 0;
        bool isSkipping = false;
        while (input.Read(buffer, held, buffer.Length - held) is var read && read > 0)
        {
            int end = held + read, from = 0;
            // What was held has no line end in it, so only new bytes are searched.
            for (int search = held; buffer.AsSpan(search..end).IndexOf((byte)'\n') is var at && at >= 0; search = from)
            {
                var line = buffer.AsSpan(from..(search + at));
                from = search + at + 1;
                if (!isSkipping)
                    Classify(line, writer);
                isSkipping = false;
                if (_out.WrittenCount >= WriteAt)
                    Flush(output);
            }
            held = end - from;
            buffer.AsSpan(from..end).CopyTo(buffer);
            if (held == buffer.Length)
            {
                held = 0;
                if (!isSkipping)
                    Report(writer, $"the line is longer than {MaxLineLength} bytes. Split it.");
                isSkipping = true;
            }
            Flush(output);
        }
        if (held > 0 && !isSkipping)
            Classify(buffer.AsSpan(..held), writer);
        Flush(output);
    }

    private void Classify(ReadOnlySpan<byte> line, Utf8JsonWriter writer)
    {
        line = line.Trim(" \t\r"u8);
        string? error = line.IsEmpty ? "the line is empty. Write {} for a request of which nothing is known." : _line.Read(line);
        if (error is not null)
        {
            Report(writer, error);
            return;
        }
        _lines++;
        var verdict = detector.Classify(_line.Facts(nowMs));
        detector.Complete(_line.Outcome(nowMs));
        VerdictJson.Write(writer, verdict);
        EndLine(writer);
    }

    private void Report(Utf8JsonWriter writer, string error)
    {
        _lines++;
        _bad++;
        writer.WriteStartObject();
        writer.WriteString("error", $"line {_lines}: {error}");
        writer.WriteEndObject();
        EndLine(writer);
    }

    private void EndLine(Utf8JsonWriter writer)
    {
        writer.Flush();
        writer.Reset();
        _out.Write("\n"u8);
    }

    private void Flush(Stream output)
    {
        if (_out.WrittenCount == 0)
            return;
        output.Write(_out.WrittenSpan);
        output.Flush();
        _out.ResetWrittenCount();
    }
}
