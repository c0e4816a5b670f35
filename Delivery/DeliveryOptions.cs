namespace Weir.Delivery;

/// <summary>Settings of what leaves the program; every default works and is the careful one.</summary>
public sealed record DeliveryOptions
{
    /// <summary>Whether receivers may be in private networks or on this machine. One switch of the installation: whoever writes an alert could otherwise reach what only this machine may.</summary>
    public bool AllowsPrivateTargets { get; init; }

    /// <summary>Whether receivers may be asked over http, unencrypted.</summary>
    public bool AllowsHttp { get; init; }

    /// <summary>The server that takes mail; null when none is sent.</summary>
    public SmtpOptions? Smtp { get; init; }

    /// <summary>From the look-up of the name to the answer's status.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Attempts at a time, over all destinations.</summary>
    public int AtOnceMax { get; init; } = 16;

    /// <summary>How long finished deliveries are kept.</summary>
    public TimeSpan KeptFor { get; init; } = TimeSpan.FromDays(30);
}

/// <summary>How mail is encrypted on its way to the server.</summary>
public enum SmtpSecurity
{
    /// <summary>The connection begins in plain and is encrypted before anything is said; a server that does not offer that gets nothing.</summary>
    StartTls,

    /// <summary>Encrypted from the first byte, usually port 465.</summary>
    Tls,

    /// <summary>Not at all.</summary>
    None,
}

/// <summary>The server that takes mail.</summary>
public sealed record SmtpOptions
{
    /// <summary>Its name or address. The operator wrote it, so it may be private.</summary>
    public required string Host { get; init; }

    /// <summary>Its port.</summary>
    public int Port { get; init; } = 587;

    /// <summary>How the way there is encrypted.</summary>
    public SmtpSecurity Security { get; init; }

    /// <summary>Whom to sign in as; null when the server asks nobody.</summary>
    public string? User { get; init; }

    /// <summary>The password; never logged.</summary>
    public string Password { get; init; } = "";

    /// <summary>Who the mail is from: an address, or a name and an address.</summary>
    public required string From { get; init; }

    /// <summary>A file of certificates (PEM) of authorities that are trusted besides the system's; null for none.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>Without the password.</summary>
    public override string ToString() => $"{Host}:{Port}";
}
