// The child process of the embedded ClickHouse's tests: a test host cannot be it, since libchdb must be first in its process.
using Weir.Ingest.Embedded;

return EmbeddedServer.Run(args is [EmbeddedServer.Command, .. var rest] ? rest : args);
