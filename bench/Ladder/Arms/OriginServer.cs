using System.Diagnostics;

namespace Weir.Ladder.Arms;

/// <summary>The origin: nginx on the first core, which answers everything with 1 KB of HTML. Measured alone it is the floor.</summary>
internal sealed class OriginServer() : Arm("direct")
{
    /// <inheritdoc/>
    protected override Process Launch(ArmSetup setup, string log)
    {
        string page = $"<!doctype html><title>Pricing</title><p>{string.Concat(Enumerable.Repeat("What it costs. ", 65))}</p>";
        string config = Nginx.Config(setup.Folder, $$"""
            server {
                listen 127.0.0.1:{{Port}};
                default_type text/html;
                location / { return 200 "{{page}}"; }
            }
            """);
        return Tool.Start(log, core: 0, "nginx", "-c", config);
    }
}
