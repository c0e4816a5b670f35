using System.Diagnostics;
using Weir.Ladder.Load;

namespace Weir.Ladder.Arms;

/// <summary>nginx as a proxy: plain, or with what Weir does as far as it can be said in its settings: crawlers' names in the user agent,
/// operators' prefixes, a limit for each client, a line of JSON for each request.</summary>
internal sealed class Nginx(bool sameJob) : Arm(sameJob ? "nginx-job" : "nginx")
{
    /// <summary>Writes a configuration for one worker and returns its path.</summary>
    public static string Config(string folder, string http)
    {
        string file = Path.Combine(folder, "nginx.conf");
        File.WriteAllText(file, $$"""
            daemon off;
            worker_processes 1;
            worker_rlimit_nofile 20000;
            pid {{folder}}/nginx.pid;
            error_log stderr error;
            events { worker_connections 16000; }
            http {
                access_log off;
                keepalive_timeout 300s;
                keepalive_requests 1000000000;
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
            {{http}}
            }

            """);
        return file;
    }

    /// <inheritdoc/>
    protected override Process Launch(ArmSetup setup, string log) => Tool.Start(log, core: 1, "nginx", "-c", Config(setup.Folder, $$"""
        upstream origin {
            server 127.0.0.1:{{setup.OriginPort}};
            keepalive 256;
            keepalive_requests 1000000000;
        }
        {{(sameJob ? Job(setup.Folder) : "")}}
        server {
            listen 127.0.0.1:{{Port}};
            location / {
                proxy_pass http://origin;
                proxy_http_version 1.1;
                proxy_set_header Connection "";
                proxy_set_header Host $host;
                proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                {{(sameJob ? $"limit_req zone=clients burst=100000 nodelay; access_log {setup.Folder}/access.json hits buffer=64k;" : "")}}
            }
        }
        """));

    private static string Job(string folder)
    {
        File.WriteAllLines(Path.Combine(folder, "tokens.map"), RequestFile.Tokens().Select(t => $"~*{t} {t};"));
        File.WriteAllLines(Path.Combine(folder, "prefixes.geo"), Enumerable.Range(0, 10_000).Select(i => $"{RequestFile.Prefix(i)} 1;"));
        return $$"""
            set_real_ip_from 127.0.0.0/8;
            real_ip_header X-Forwarded-For;
            map $http_user_agent $crawler { default ""; include {{folder}}/tokens.map; }
            geo $known { default 0; include {{folder}}/prefixes.geo; }
            limit_req_zone $binary_remote_addr zone=clients:16m rate=100000r/s;
            log_format hits escape=json '{"time":"$msec","client":"$remote_addr","host":"$host","path":"$request_uri","status":$status,"bytes":$body_bytes_sent,"duration":$request_time,"agent":"$http_user_agent","crawler":"$crawler","known":$known}';
            """;
    }
}
