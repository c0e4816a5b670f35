namespace Weir.Proxy.Tests.Protocols;

/// <summary>Bytes that some pair of servers has read in two ways, and what the edge must make of them.</summary>
/// <param name="Name">What it tries.</param>
/// <param name="Source">Where it is described.</param>
/// <param name="Bytes">What the client sends, Latin-1.</param>
/// <param name="Statuses">Answers that will do, separated by blanks, "closed" for none; empty when it must pass.</param>
/// <param name="Body">The body that must arrive, where it passes.</param>
internal sealed record SmugglingCase(string Name, string Source, string Bytes, string Statuses, string Body = "")
{
    private const string Post = "POST /a HTTP/1.1\r\nHost: www.example.com\r\n";
    private const string Chunked = Post + "Transfer-Encoding: chunked\r\n\r\n";
    private const string Hidden = "GET /hidden HTTP/1.1\r\nHost: www.example.com\r\n\r\n";
    private const string Paper = "Linhart, Klein, Heled, Orrin: HTTP Request Smuggling (Watchfire, 2005)";
    private const string Desync = "Kettle: HTTP Desync Attacks (PortSwigger, 2019)";
    private const string Variants = "Klein: HTTP Request Smuggling in 2020 (SafeBreach)";
    private const string Terminators = "Kallus, Willison: bare LF and CR in chunk lines (2025); CVE-2025-55315 (Kestrel)";

    public static IReadOnlyList<SmugglingCase> All { get; } = [.. Framing(), .. Chunks(), .. Headers(), .. Targets(), .. Passing()];

    public override string ToString() => Name;

    private static IEnumerable<SmugglingCase> Framing()
    {
        const string Twice = "RFC 9112 section 6.1; " + Paper;
        yield return new("CL.TE", Twice, Post + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG", "400");
        yield return new("TE.CL", Twice, Post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n33\r\n" + Hidden + "\r\n0\r\n\r\n", "400");
        yield return new("CL.CL, two lines", "RFC 9112 section 6.3", Post + "Content-Length: 4\r\nContent-Length: 5\r\n\r\n12345", "400");
        yield return new("CL.CL, a list", "RFC 9112 section 6.3", Post + "Content-Length: 4, 5\r\n\r\n12345", "400");
        yield return new("CL.CL, the same twice", "RFC 9110 section 8.6", Post + "Content-Length: 4\r\nContent-Length: 4\r\n\r\n1234", "400");
        yield return new("CL.CL, the same in a list", "RFC 9110 section 8.6", Post + "Content-Length: 4, 4\r\n\r\n1234", "400");
        foreach (string length in (string[])["-1", "0x4", "4;", "4 4", "4.0", "1e1", "\"4\"", "99999999999999999999", "18446744073709551620", "\u00b2"])
            yield return new($"CL {length}", "RFC 9110 section 8.6; CVE-2018-7159 (Node)", Post + $"Content-Length: {length}\r\n\r\n1234", "400");
        foreach (string coding in (string[])["identity", "chunked, identity", "xchunked", "chunkedx", "\"chunked\"", "x chunked", "chunked;q=1", "chunked\u000b", "gzip", ",", ""])
            yield return new($"TE {coding}", $"RFC 9112 section 6.1; {Desync}", Post + $"Transfer-Encoding: {coding}\r\n\r\n0\r\n\r\n", "400 411 501");
        yield return new("TE.TE, the second hides the first", Desync, Post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\n", "400 501");
        yield return new("TE.TE, the first hides the second", Desync, Post + "Transfer-Encoding: cow\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 501");
        yield return new("TE, chunked twice", "RFC 9112 section 6.1", Post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", "400 501");
        yield return new("TE and CL in HTTP/1.0", "RFC 9112 section 6.1", "POST /a HTTP/1.0\r\nHost: www.example.com\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", "400");
        yield return new("TE in HTTP/1.0", "RFC 9112 section 6.1", "POST /a HTTP/1.0\r\nHost: www.example.com\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 411 501");
        yield return new("TE with a blank before the colon", $"RFC 9112 section 5.1; {Desync}", Post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "400");
        yield return new("TE with a tab before the colon", $"RFC 9112 section 5.1; {Desync}", Post + "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n", "400");
        yield return new("CL with a blank before the colon", $"RFC 9112 section 5.1; {Variants}", Post + "Content-Length : 4\r\n\r\n1234", "400");
        yield return new("TE behind a folded line", $"RFC 9112 section 5.2; {Desync}", Post + "X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n", "400");
        yield return new("TE on a folded line", $"RFC 9112 section 5.2; {Desync}", Post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", "400");
        yield return new("TE behind a bare CR", $"RFC 9112 section 2.2; {Variants}", Post + "X-A: a\rTransfer-Encoding: chunked\r\n\r\n", "400");
        yield return new("CR before the name", $"RFC 9112 section 2.2; {Variants}", Post + "\rTransfer-Encoding: chunked\r\n\r\n", "400");
        yield return new("NUL behind the name", "RFC 9110 section 5.1", Post + "Transfer-Encoding\0: chunked\r\n\r\n", "400");
        yield return new("TE beside an obsolete line start", "RFC 9112 section 2.2", "POST /a HTTP/1.1\r\n Transfer-Encoding: chunked\r\nHost: www.example.com\r\n\r\n", "400");
    }

    private static IEnumerable<SmugglingCase> Chunks()
    {
        foreach (string size in (string[])["zz", "0x3", "-3", "+3", " 3", "3 ", "\t3", "3\v", "_3", "fffffffffffffffff", "100000000000000003", "80000000", "FFFFFFFFFFFFFFFF", ""])
            yield return new($"chunk size {size}", $"RFC 9112 section 7.1; {Desync}", Chunked + $"{size}\r\nabc\r\n0\r\n\r\n", "400 413");
        yield return new("chunk longer than its size", "RFC 9112 section 7.1", Chunked + "3\r\nabcX\r\n0\r\n\r\n", "400");
        yield return new("chunk whose line end is bare", Terminators, Chunked + "3\r\nabc\n0\r\n\r\n", "400");
        yield return new("chunk size behind a bare LF", Terminators, Chunked + "3\nabc\r\n0\r\n\r\n", "400");
        yield return new("chunk size behind a bare CR", Terminators, Chunked + "3\rabc\r\n0\r\n\r\n", "400");
        yield return new("chunk extension with a bare LF", Terminators, Chunked + "3;\nx\r\nabc\r\n0\r\n\r\n", "400");
        yield return new("chunk extension with a bare CR", Terminators, Chunked + "3;a=\rb\r\nabc\r\n0\r\n\r\n", "400");
        yield return new("last chunk with a bare LF", Terminators, Chunked + "3\r\nabc\r\n0\n\r\n", "400");
        yield return new("trailer without a name", "RFC 9112 section 7.1.2", Chunked + "3\r\nabc\r\n0\r\n: b\r\n\r\n", "400");
    }

    private static IEnumerable<SmugglingCase> Headers()
    {
        yield return new("no Host", "RFC 9112 section 3.2", "GET /a HTTP/1.1\r\n\r\n", "400");
        yield return new("two Hosts", "RFC 9112 section 3.2", "GET /a HTTP/1.1\r\nHost: www.example.com\r\nHost: evil.example\r\n\r\n", "400");
        yield return new("the same Host twice", "RFC 9112 section 3.2", "GET /a HTTP/1.1\r\nHost: www.example.com\r\nHost: www.example.com\r\n\r\n", "400");
        foreach (string host in (string[])["www.example.com evil", "www.example.com/x", "a@www.example.com", "www.example.com:80:80", "www.example.com:x", "[::1", "www.example.com,evil.example", "www.example.com#x", "www.example.com?x", "www.example.com\\x", "http://www.example.com"])
            yield return new($"Host {host}", "RFC 9110 section 7.2; Kettle: Practical Web Cache Poisoning (2018)", $"GET /a HTTP/1.1\r\nHost: {host}\r\n\r\n", "400 421");
        yield return new("a folded first header", "RFC 9112 section 2.2", "GET /a HTTP/1.1\r\n X: y\r\nHost: www.example.com\r\n\r\n", "400");
        yield return new("a name with a blank", "RFC 9110 section 5.1", Post + "X A: b\r\n\r\n", "400");
        yield return new("a line without a colon", "RFC 9112 section 5", Post + "X-A\r\n\r\n", "400");
        yield return new("an empty name", "RFC 9110 section 5.1", Post + ": b\r\n\r\n", "400");
        yield return new("a value with NUL", "RFC 9110 section 5.5", Post + "X-A: a\0b\r\n\r\n", "400");
        yield return new("a value with a bare CR", "RFC 9110 section 5.5", Post + "X-A: a\rb\r\n\r\n", "400");
    }

    private static IEnumerable<SmugglingCase> Targets()
    {
        const string Host = "\r\nHost: www.example.com\r\n\r\n";
        const string Line = "RFC 9112 section 3";
        yield return new("a blank in the target", Line, "GET /a b HTTP/1.1" + Host, "400");
        yield return new("two blanks", Line, "GET  /a HTTP/1.1" + Host, "400");
        yield return new("a tab for a blank", Line, "GET\t/a\tHTTP/1.1" + Host, "400");
        yield return new("a control character", Line, "GET /a\u0001b HTTP/1.1" + Host, "400");
        yield return new("NUL in the target", Line, "GET /a\0b HTTP/1.1" + Host, "400");
        yield return new("a target beyond ASCII", Line, "GET /a\u00e4 HTTP/1.1" + Host, "400");
        yield return new("a bare CR in the target", Line, "GET /a\rb HTTP/1.1" + Host, "400");
        yield return new("a bare LF in the target", Line, "GET /a\nX: b HTTP/1.1" + Host, "400");
        yield return new("a control character in the method", Line, "G\u0001T /a HTTP/1.1" + Host, "400");
        yield return new("no target", Line, "GET HTTP/1.1" + Host, "400");
        yield return new("a target without a slash", Line, "GET a HTTP/1.1" + Host, "400 405");
        yield return new("a target that begins with @", "Kettle: Cracking the Lens (2017)", "GET @evil.example/a HTTP/1.1" + Host, "400");
        yield return new("an absolute target of another host", "RFC 9112 section 3.2.2; Kettle: Cracking the Lens (2017)", "GET http://evil.example/a HTTP/1.1" + Host, "400 421");
        yield return new("an absolute target and a Host of another", "RFC 9112 section 3.2.2", "GET http://www.example.com/a HTTP/1.1\r\nHost: evil.example\r\n\r\n", "400 421");
        yield return new("an absolute target with a user", "RFC 9110 section 4.2.4", "GET http://www.example.com@evil.example/a HTTP/1.1" + Host, "400 421");
        yield return new("HTTP/0.9", "RFC 9112 section 2.3", "GET /a\r\n\r\n", "400 505");
        foreach (string version in (string[])["HTTP/9.9", "http/1.1", "HTTP/2.0", "HTTP/1.10", "HTTP/1", "HTTP /1.1", "XHTTP/1.1", "HTTP/1.1 x"])
            yield return new($"version {version}", "RFC 9112 section 2.3", $"GET /a {version}{Host}", "400 505");
        yield return new("a tunnel", "RFC 9110 section 9.3.6", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", "400 405 421");
        yield return new("a tunnel to the site", "RFC 9110 section 9.3.6", "CONNECT www.example.com:443 HTTP/1.1\r\nHost: www.example.com:443\r\n\r\n", "400 405 421");
        yield return new("an echo of credentials", "RFC 9110 section 9.3.8", "TRACE /a HTTP/1.1" + Host, "405");
        yield return new("HTTP/2 without being asked", "RFC 9113 section 3.4", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 505 closed");
    }

    // What a strict reader takes one way only may pass, in its plainest form.
    private static IEnumerable<SmugglingCase> Passing()
    {
        const string Robust = "RFC 9112 section 2.2";
        yield return new("a body by length", "RFC 9112 section 6.3", Post + "Content-Length: 4\r\n\r\n1234", "", "1234");
        yield return new("a body in chunks with extensions", "RFC 9112 section 7.1.1", Chunked + "3;a=b\r\nabc\r\n1;c=\"d\"\r\n!\r\n0\r\n\r\n", "", "abc!");
        yield return new("a chunk size with zeros", "RFC 9112 section 7.1", Chunked + "0003\r\nabc\r\n000\r\n\r\n", "", "abc");
        yield return new("trailers that would frame", "RFC 9110 section 6.5.1", Chunked + "3\r\nabc\r\n0\r\nContent-Length: 100\r\nHost: evil\r\n\r\n", "", "abc");
        yield return new("chunked in capitals", "RFC 9112 section 6.1", Post + "Transfer-Encoding: CHUNKED\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "", "abc");
        yield return new("a request inside a body", Paper, Post + $"Content-Length: {Hidden.Length}\r\n\r\n{Hidden}", "", Hidden);
        yield return new("a name with a control character", "RFC 9110 section 5.1", Post + "X\u0001_A: 6.6.6.6\r\nContent-Length: 1\r\n\r\nx", "", "x");
        yield return new("a name in brackets", "RFC 9110 section 5.1", Post + "(X_A): 6.6.6.6\r\nContent-Length: 1\r\n\r\nx", "", "x");
        yield return new("a trailer with a bare LF", Robust, Chunked + "3\r\nabc\r\n0\r\nX-T: a\nX-U: b\r\n\r\n", "", "abc");
        yield return new("a blank line before the request", Robust, "\r\n" + Post + "Content-Length: 1\r\n\r\nx", "", "x");
        yield return new("an absolute target of the site", "RFC 9112 section 3.2.2", "POST http://www.example.com/a HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 1\r\n\r\nx", "", "x");
        yield return new("CL named for this hop", "RFC 9110 section 7.6.1; Davison: Abusing HTTP hop-by-hop request headers (2019)", Post + "Connection: Content-Length\r\nContent-Length: 4\r\n\r\n1234", "", "1234");
        yield return new("TE named for this hop", "RFC 9110 section 7.6.1", Post + "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "", "abc");
        yield return new("type and host named for this hop", "RFC 9110 section 7.6.1", Post + "Connection: close, Content-Type, Host, X-Forwarded-For\r\nContent-Type: a/b\r\nContent-Length: 4\r\n\r\n1234", "", "1234");
        yield return new("CL with a plus", "RFC 9110 section 8.6", Post + "Content-Length: +4\r\n\r\n1234", "", "1234");
        yield return new("twins with underscores", "CVE-2022-36760 and its like; CGI, RFC 3875 section 4.1.18", Post + "Content_Length: 90\r\nTransfer_Encoding: chunked\r\nX_Forwarded_For: 6.6.6.6\r\nX_Real_IP: 6.6.6.6\r\nX_Weir_Score: 0\r\nContent-Length: 4\r\n\r\n1234", "", "1234");
    }
}
