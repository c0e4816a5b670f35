using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Weir.TestKit;

namespace Weir.EndToEnd.Support;

/// <summary>A real certificate authority on loopback ports (Let's Encrypt's own for tests). It asks our DNS server where a host is, and fetches
/// the challenge's answer from there by HTTP: what it signs, it has seen through the edge.</summary>
internal sealed class Pebble : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _said = new();
    private readonly TaskCompletionSource _isUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process _process;
    private readonly int _port;
    private readonly int _managementPort;

    private Pebble(int challengePort, IPEndPoint dns)
    {
        int[] ports = LoopbackPorts.Free(2);
        (_port, _managementPort) = (ports[0], ports[1]);
        WriteOwnCertificate();
        File.WriteAllText(_folder["pebble.json"], $$$"""
            {"pebble": {
              "listenAddress": "127.0.0.1:{{{_port}}}", "managementListenAddress": "127.0.0.1:{{{_managementPort}}}",
              "certificate": "{{{OwnCertificate}}}", "privateKey": "{{{_folder["own.key"]}}}",
              "httpPort": {{{challengePort}}}, "tlsPort": 9
            }}
            """);
        var start = new ProcessStartInfo("pebble", ["-config", _folder["pebble.json"], "-dnsserver", $"{dns}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // No pauses before validations, no nonces refused by chance, and no validation left out because the last one was good.
        start.Environment["PEBBLE_VA_NOSLEEP"] = "1";
        start.Environment["PEBBLE_WFE_NONCEREJECT"] = "0";
        start.Environment["PEBBLE_AUTHZREUSE"] = "0";
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
    }

    /// <summary>Where ACME clients begin.</summary>
    public string Directory => $"https://127.0.0.1:{_port}/dir";

    /// <summary>PEM file of what its own HTTPS shows; clients must trust it.</summary>
    public string OwnCertificate => _folder["own.pem"];

    /// <summary>All that it said: which orders came, and what became of them.</summary>
    public string Output
    {
        get
        {
            lock (_said)
                return _said.ToString();
        }
    }

    /// <summary>Starts it.</summary>
    /// <param name="challengePort">Where the edge serves HTTP; 80 on machines in the open.</param>
    /// <param name="dns">Which DNS server knows the hosts.</param>
    public static async Task<Pebble> StartAsync(int challengePort, IPEndPoint dns)
    {
        var pebble = new Pebble(challengePort, dns);
        pebble._process.Start();
        pebble._process.BeginOutputReadLine();
        pebble._process.BeginErrorReadLine();
        await pebble._isUp.Task.WaitAsync(TimeSpan.FromMinutes(1));
        return pebble;
    }

    /// <summary>Writes the root of what it issues to a PEM file.</summary>
    public async Task<string> WriteRootAsync()
    {
        var (code, output) = await TlsEdge.RunAsync("curl", "-sS", "--noproxy", "*", "--cacert", OwnCertificate, "-o", _folder["root.pem"],
            $"https://127.0.0.1:{_managementPort}/roots/0");
        Assert.True(code == 0, output);
        return _folder["root.pem"];
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    private void Take(string? line)
    {
        lock (_said)
            _said.AppendLine(line);
        if (line is null)
            _isUp.TrySetException(new InvalidOperationException($"pebble ended: {Output}"));
        else if (line.Contains("ACME directory available", StringComparison.Ordinal))
            _isUp.TrySetResult();
    }

    private void WriteOwnCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=pebble", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(OwnCertificate, certificate.ExportCertificatePem());
        File.WriteAllText(_folder["own.key"], key.ExportPkcs8PrivateKeyPem());
    }
}
