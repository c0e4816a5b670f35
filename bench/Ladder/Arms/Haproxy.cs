using System.Diagnostics;
using Weir.Ladder.Load;

namespace Weir.Ladder.Arms;

/// <summary>HAProxy as a proxy: plain, or with what Weir does as far as it can be said in its settings: crawlers' names in the user agent,
/// operators' prefixes, a rate for each client, a line of JSON for each request.</summary>
internal sealed class Haproxy(bool sameJob) : Arm(sameJob ? "haproxy-job" : "haproxy")
{
    private const string Line = """
        {"time":"%Ts.%ms","client":"%[var(txn.client)]","host":"%[var(txn.host),json(utf8s)]","path":"%[var(txn.path),json(utf8s)]","status":%ST,"bytes":%B,"duration":%Ta,"agent":"%[var(txn.agent),json(utf8s)]","crawler":%[var(txn.crawler)],"known":%[var(txn.known)]}
        """;

    /// <inheritdoc/>
    protected override Process Launch(ArmSetup setup, string log)
    {
        string config = Path.Combine(setup.Folder, "haproxy.cfg");
        File.WriteAllText(config, $"""
            global
                maxconn 9000
                nbthread 1
                {(sameJob ? "log stdout format raw daemon" : "")}
            defaults
                mode http
                timeout client 300s
                timeout server 60s
                timeout connect 5s
                timeout http-keep-alive 300s
                option http-keep-alive
                http-reuse always
            frontend edge
                bind 127.0.0.1:{Port}
                maxconn 9000
                option forwardfor
                {(sameJob ? Job(setup.Folder) : "")}
                default_backend origin
            backend origin
                {(sameJob ? "stick-table type ip size 100k expire 2m store http_req_rate(60s)" : "")}
                server one 127.0.0.1:{setup.OriginPort}

            """);
        return Tool.Start(log, core: 1, "haproxy", "-f", config);
    }

    private static string Job(string folder)
    {
        File.WriteAllLines(Path.Combine(folder, "tokens"), RequestFile.Tokens());
        File.WriteAllLines(Path.Combine(folder, "prefixes"), Enumerable.Range(0, 10_000).Select(RequestFile.Prefix));
        return $$"""
            log global
                acl crawler hdr(user-agent) -m sub -i -f {{folder}}/tokens
                acl known src -f {{folder}}/prefixes
                http-request set-src hdr_ip(X-Forwarded-For,-1)
                http-request set-var(txn.client) src
                http-request set-var(txn.host) req.hdr(host)
                http-request set-var(txn.path) path
                http-request set-var(txn.agent) req.hdr(user-agent)
                http-request set-var(txn.crawler) int(0)
                http-request set-var(txn.crawler) int(1) if crawler
                http-request set-var(txn.known) int(0)
                http-request set-var(txn.known) int(1) if known
                http-request track-sc0 src table origin
                http-request deny deny_status 429 if { sc_http_req_rate(0) gt 1000000 }
                log-format '{{Line.Trim()}}'
            """;
    }
}
