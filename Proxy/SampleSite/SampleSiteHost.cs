using System.Collections.Frozen;
using System.Net;
using System.Reflection;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Weir.Proxy.SampleSite;

/// <summary>A small website for a start without an origin, so that a newcomer has something to watch. Runs on a loopback port.</summary>
public static class SampleSiteHost
{
    /// <summary>The pages, in the order of the sitemap.</summary>
    public static IReadOnlyList<string> Pages { get; } = ["/", "/how-it-works", "/docs", "/pricing", "/blog"];

    /// <summary>The site's server, ready to start; its address is in <see cref="EdgeHost.BoundUrls"/> once started.</summary>
    public static WebApplication Create()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var app = builder.Build();
        var files = LoadFiles();
        app.Run(http => AnswerAsync(http, files));
        return app;
    }

    private static Task AnswerAsync(HttpContext http, FrozenDictionary<string, SampleFile> files)
    {
        var request = http.Request;
        var response = http.Response;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }
        string path = request.Path.Value ?? "/";
        // A sitemap names whole URLs, and only the visitor knows under which name this site was reached.
        var file = path == "/sitemap.xml" ? Sitemap(request) : files.GetValueOrDefault(path) ?? files["/not-found"];
        response.StatusCode = ReferenceEquals(file, files["/not-found"]) ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
        response.ContentType = file.Type;
        response.Headers.ETag = file.ETag;
        response.Headers.CacheControl = "max-age=60";
        if (request.Headers.IfNoneMatch == file.ETag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        response.ContentLength = file.Bytes.Length;
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : response.Body.WriteAsync(file.Bytes, http.RequestAborted).AsTask();
    }

    private static SampleFile Sitemap(HttpRequest request)
    {
        string root = SecurityElement.Escape($"{request.Headers["X-Forwarded-Proto"].FirstOrDefault() ?? "http"}://{request.Host.Value}");
        var text = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
        foreach (string page in Pages)
            text.Append("  <url><loc>").Append(root).Append(page).Append("</loc></url>\n");
        return SampleFile.Of(Encoding.UTF8.GetBytes(text.Append("</urlset>\n").ToString()), "application/xml");
    }

    private static FrozenDictionary<string, SampleFile> LoadFiles()
    {
        var assembly = Assembly.GetExecutingAssembly();
        const string Prefix = "SampleSite/";
        return assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(n => PathOf(n[Prefix.Length..]), n => Load(assembly, n), StringComparer.Ordinal)
            .ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static SampleFile Load(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return SampleFile.Of(bytes, Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => "text/plain; charset=utf-8",
        });
    }

    private static string PathOf(string file) => file == "index.html" ? "/" : "/" + file.Replace(".html", "", StringComparison.Ordinal);

    private sealed record SampleFile(byte[] Bytes, string Type, string ETag)
    {
        public static SampleFile Of(byte[] bytes, string type) => new(bytes, type, $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\"");
    }
}
