using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Weir.Scheduling.Targets;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Takes the file of an import: a form's first file or the body itself, plain or gzip. A small one is kept in memory, a large one on disk.</summary>
internal static class TargetUpload
{
    /// <summary>Bytes, unpacked, up to which an import is answered at once: some 10,000 rows, a second or two.</summary>
    public const int InlineBytes = 1024 * 1024;

    // Packed bytes are bounded by the endpoint; this bounds what they unpack to.
    private const long BytesMax = 2L * 1024 * 1024 * 1024;

    /// <summary>Reads a request's file.</summary>
    /// <returns>The file, or the name and size of the file in the folder that holds it.</returns>
    /// <exception cref="FormatException">It is no form with a file, damaged, or too large.</exception>
    /// <exception cref="IOException">The disk cannot hold it.</exception>
    public static async Task<(MemoryStream? Small, string? Spool, long Bytes)> ReadAsync(HttpContext http, ImportFolder folder, CancellationToken stop)
    {
        try
        {
            await using var body = await UnpackAsync(await BodyAsync(http, stop), stop);
            var head = new MemoryStream();
            byte[] piece = new byte[81_920];
            int read;
            while (head.Length <= InlineBytes && (read = await body.ReadAsync(piece, stop)) > 0)
                head.Write(piece, 0, read);
            if (head.Length <= InlineBytes)
            {
                head.Position = 0;
                return (head, null, head.Length);
            }
            var (name, bytes) = await SpoolAsync(head, body, folder, stop);
            return (null, name, bytes);
        }
        catch (InvalidDataException e)
        {
            throw new FormatException($"The file cannot be unpacked or the form is damaged: {e.Message}", e);
        }
    }

    private static async Task<(string Name, long Bytes)> SpoolAsync(MemoryStream head, Stream body, ImportFolder folder, CancellationToken stop)
    {
        var (name, file) = folder.Create();
        try
        {
            await using (file)
            {
                head.WriteTo(file);
                byte[] piece = new byte[81_920];
                int read;
                while ((read = await body.ReadAsync(piece, stop)) > 0)
                {
                    await file.WriteAsync(piece.AsMemory(0, read), stop);
                    if (file.Length > BytesMax)
                        throw new FormatException($"The file has more than {BytesMax / 1024 / 1024 / 1024} GiB, unpacked. Send it in parts.");
                }
                await file.FlushAsync(stop);
                return (name, file.Length);
            }
        }
        catch
        {
            folder.Remove(name);
            throw;
        }
    }

    private static async Task<Stream> BodyAsync(HttpContext http, CancellationToken stop)
    {
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) || !type.MediaType.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
            return http.Request.Body;
        string boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value ?? "";
        if (boundary.Length == 0)
            throw new FormatException("The form names no boundary. Send it such as with curl -F file=@queries.csv.");
        var form = new MultipartReader(boundary, http.Request.Body);
        while (await form.ReadNextSectionAsync(stop) is { } section)
        {
            if (ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var field) && field.IsFileDisposition())
                return section.Body;
        }
        throw new FormatException("The form has no file. Send one, such as with curl -F file=@queries.csv.");
    }

    private static async Task<Stream> UnpackAsync(Stream body, CancellationToken stop)
    {
        var pipe = PipeReader.Create(body);
        var begin = await pipe.ReadAtLeastAsync(2, stop);
        bool isPacked = IsGzip(begin.Buffer);
        pipe.AdvanceTo(begin.Buffer.Start);
        return isPacked ? new GZipStream(pipe.AsStream(), CompressionMode.Decompress) : pipe.AsStream();
    }

    private static bool IsGzip(System.Buffers.ReadOnlySequence<byte> bytes)
    {
        var reader = new System.Buffers.SequenceReader<byte>(bytes);
        return reader.TryRead(out byte first) && reader.TryRead(out byte second) && (first, second) == (0x1f, 0x8b);
    }
}
