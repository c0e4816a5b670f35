using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Weir.Proxy.Tests.Origins;

/// <summary>A real nginx on a loopback port that says its name, and can be stopped and started.</summary>
internal sealed class NginxOrigin : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-nginx-");
    private readonly int _port = FreePort();
    private Process? _process;

    private NginxOrigin(string name)
    {
        string folder = _folder.FullName;
        File.WriteAllText(Path.Combine(folder, "nginx.conf"), $$"""
            daemon off;
            master_process off;
            error_log {{folder}}/error.log;
            pid {{folder}}/nginx.pid;
            events { worker_connections 256; }
            http {
              access_log off;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
              server {
                listen 127.0.0.1:{{_port}};
                location / { return 200 "{{name}}"; }
                location = /health { root {{folder}}; default_type text/plain; }
              }
            }
            """);
        IsWell = true;
    }

    public Uri Url => new($"http://127.0.0.1:{_port}");

    /// <summary>Whether its /health answers 200 (or 404).</summary>
    public bool IsWell
    {
        set
        {
            string file = Path.Combine(_folder.FullName, "health");
            if (value)
                File.WriteAllText(file, "well\n");
            else
                File.Delete(file);
        }
    }

    public static async Task<NginxOrigin> StartAsync(string name)
    {
        var origin = new NginxOrigin(name);
        await origin.StartAsync();
        return origin;
    }

    public async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo("/usr/sbin/nginx", ["-p", _folder.FullName, "-c", Path.Combine(_folder.FullName, "nginx.conf")]) { RedirectStandardError = true, UseShellExecute = false })!;
        // It is ready when it takes a connection; until then the system refuses at once.
        while (true)
        {
            Assert.False(_process.HasExited, "nginx ended: " + (_process.HasExited ? await _process.StandardError.ReadToEndAsync() : ""));
            using var tcp = new TcpClient();
            try
            {
                await tcp.ConnectAsync(IPAddress.Loopback, _port, TestContext.Current.CancellationToken);
                return;
            }
            catch (SocketException)
            {
                await Task.Yield();
            }
        }
    }

    public async Task StopAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await StopAsync();
        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
