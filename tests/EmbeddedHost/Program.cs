// The child processes of tests: of the embedded ClickHouse's, since a test host cannot be it (libchdb must be first in its process), and of
// those that kill a writer.
using Weir.EmbeddedHost;
using Weir.Ingest.Embedded;

return args switch
{
    [HitWriting.Command, var url, var database, var folder, var hits] => await HitWriting.RunAsync(new Uri(url), database, folder, int.Parse(hits)),
    [EmbeddedServer.Command, .. var rest] => EmbeddedServer.Run(rest),
    _ => EmbeddedServer.Run(args),
};
