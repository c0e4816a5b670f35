using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weir.TestKit;

/// <summary>A real DNS server (unbound) on a loopback port, that knows only what it is told. Ends with the object.</summary>
public sealed class DnsServer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/unbound"; // which is not on everybody's PATH

    private readonly TemporaryFolder _folder = new();
    private Process? _process;

    private DnsServer(int port, string configuration, string zone)
    {
        EndPoint = new IPEndPoint(IPAddress.Loopback, port);
        File.WriteAllText(_folder["zone"], zone);
        File.WriteAllText(_folder["unbound.conf"], configuration.Replace("PORT", $"{port}", StringComparison.Ordinal)
            .Replace("ZONE", _folder["zone"], StringComparison.Ordinal));
    }

    /// <summary>Where it listens, by UDP and TCP.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="records">Records in zone-file form, such as <c>1.1.9.5.in-addr.arpa. PTR crawl-1.googlebot.com.</c> All else is NXDOMAIN.</param>
    /// <param name="failing">Names below which every question is answered with SERVFAIL.</param>
    /// <param name="silent">Names below which no question is answered.</param>
    public static async Task<DnsServer> StartAsync(
        IEnumerable<string> records, IEnumerable<string>? failing = null, IEnumerable<string>? silent = null)
    {
        var text = new StringBuilder(
            """
            server:
              interface: 127.0.0.1
              port: PORT
              do-daemonize: no
              username: ""
              chroot: ""
              directory: "/"
              pidfile: ""
              use-syslog: no
              logfile: ""
              verbosity: 1
              num-threads: 1
              so-rcvbuf: 0
              module-config: "iterator"
              minimal-responses: yes
              rrset-roundrobin: no
              do-not-query-localhost: yes

            """);
        foreach (string name in silent ?? [])
            text.Append("  local-zone: \"").Append(name).Append("\" deny\n");
        // A server of the loopback is never asked by unbound, so that these questions fail at once.
        foreach (string name in failing ?? [])
            text.Append("forward-zone:\n  name: \"").Append(name).Append("\"\n  forward-addr: 127.0.0.1@9\n");
        text.Append("auth-zone:\n  name: \".\"\n  zonefile: \"ZONE\"\n  for-downstream: no\n  for-upstream: yes\n  fallback-enabled: no\n");
        var server = new DnsServer(FreePort(), text.ToString(), Zone(records));
        await server.StartAsync();
        return server;
    }

    /// <summary>Says what it knows from its next start on.</summary>
    public void Change(IEnumerable<string> records) => File.WriteAllText(_folder["zone"], Zone(records));

    /// <summary>Starts again, on the same port.</summary>
    public async Task StartAsync()
    {
        var info = new ProcessStartInfo(Program) { UseShellExecute = false, RedirectStandardError = true };
        foreach (string argument in (string[])["-d", "-p", "-c", _folder["unbound.conf"]])
            info.ArgumentList.Add(argument);
        _process = Process.Start(info)!;
        var said = new StringBuilder();
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            if (line.Contains("start of service", StringComparison.Ordinal))
            {
                _ = _process.StandardError.ReadToEndAsync(); // or it would block when the pipe is full
                return;
            }
            said.AppendLine(line);
        }
        throw new InvalidOperationException($"unbound did not start: {said}");
    }

    /// <summary>Ends it, as kill -9.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    private static string Zone(IEnumerable<string> records) => string.Join('\n',
        [". 3600 SOA ns.example. admin.example. 1 3600 600 86400 60", ". 3600 NS ns.example.", "$TTL 3600", .. records]) + "\n";

    private static int FreePort()
    {
        // Taken by TCP and looked at by UDP: the server wants both.
        using var tcp = new TcpListener(IPAddress.Loopback, 0);
        tcp.Start();
        int port = ((IPEndPoint)tcp.LocalEndpoint).Port;
        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
        return port;
    }
}
