using Npgsql;

namespace Weir.Control.Postgres;

/// <summary>The PostgreSQL database that programs on several machines share as their control store.</summary>
public sealed class PostgresOptions
{
    /// <summary>PostgreSQL's own port.</summary>
    public const int PortDefault = 5432;

    /// <summary>Host name or address of the server.</summary>
    public required string Host { get; init; }

    /// <summary>Its port, 1–65535.</summary>
    public int Port { get; init; } = PortDefault;

    /// <summary>The database; it must be there, and this user must be allowed to make tables in its schema <c>public</c>.</summary>
    public required string Database { get; init; }

    /// <summary>The user.</summary>
    public required string User { get; init; }

    /// <summary>Password; empty for none. Never printed.</summary>
    public string Password { get; init; } = "";

    /// <summary>Whether only a server with a certificate for its name is spoken to; else TLS is used where the server offers it.</summary>
    public bool IsTls { get; init; }

    /// <summary>The server and database, for people and logs.</summary>
    public override string ToString() => $"postgres://{User}@{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}/{Database}";

    /// <summary>How the driver is told of it.</summary>
    internal NpgsqlConnectionStringBuilder Connection() => new()
    {
        Host = Host,
        Port = Port,
        Database = Database,
        Username = User,
        Password = Password.Length == 0 ? null : Password,
        SslMode = IsTls ? SslMode.VerifyFull : SslMode.Prefer,
        GssEncryptionMode = GssEncryptionMode.Disable,
        SearchPath = "public",
        ApplicationName = "weir",
        MaxPoolSize = 20,
        // In seconds. Whoever asks is told soon that the store is away; no statement of ours needs a second.
        Timeout = 5,
        CommandTimeout = 5,
        CancellationTimeout = 1000,
        KeepAlive = 30,
        // The queue's statements are few and asked thousands of times a second; making their plans took longer than running them.
        MaxAutoPrepare = 100,
    };
}
