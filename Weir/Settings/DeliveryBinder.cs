using MimeKit;
using Weir.Delivery;

namespace Weir.Settings;

/// <summary>Reads where messages may be sent, and through which mail server.</summary>
internal static class DeliveryBinder
{
    private const string FromExample = "Write an address such as weir@example.com, or \"Weir <weir@example.com>\".";

    /// <summary>Reads the sections <c>delivery</c> and <c>smtp</c>.</summary>
    /// <param name="root">All settings.</param>
    /// <param name="folder">Folder of the file.</param>
    /// <param name="pathOf">A path as it was given, made absolute.</param>
    public static DeliveryOptions Bind(Section root, string folder, Func<Given, string> pathOf)
    {
        var delivery = root.Object("delivery");
        return new DeliveryOptions
        {
            AllowsPrivateTargets = delivery.Boolean("privateTargets", false),
            AllowsHttp = delivery.Boolean("http", false),
            Smtp = Smtp(root.Object("smtp"), folder, pathOf),
        };
    }

    private static SmtpOptions? Smtp(Section smtp, string folder, Func<Given, string> pathOf)
    {
        if (smtp.Node is null)
            return null;
        string password = SettingsBinder.Password(smtp, folder);
        if (smtp.Text("host") is not { Value.Length: > 0 })
            smtp.Errors.Add(smtp.At, smtp.PathOf("host"), "A mail server is described without its host.", "Write \"host\": \"mail.example.com\", or leave smtp out.");
        else if (smtp.Text("host") is { } host && Uri.CheckHostName(host.Value.Trim('[', ']')) == UriHostNameType.Unknown)
            host.Refuse($"'{host.Value}' is no host.", "Write a name or an address, such as mail.example.com; the port stands in smtp.port.");
        if (smtp.Text("from") is not { Value.Length: > 0 } from)
            smtp.Errors.Add(smtp.At, smtp.PathOf("from"), "A mail server is described without who its mail is from.", FromExample);
        else if (!MailboxAddress.TryParse(from.Value, out var mailbox) || !MailSender.IsAddress(mailbox.Address))
            from.Refuse($"'{from.Value}' is no mail address.", FromExample);
        if (smtp.Text("user") is null && password.Length > 0)
            smtp.Errors.Add(smtp.At, smtp.PathOf("user"), "A password is given without a user.", "Write user beside it, or leave the password out.");
        var security = Security(smtp.Text("security"));
        return new SmtpOptions
        {
            Host = smtp.Text("host")?.Value.Trim('[', ']') ?? "",
            Port = smtp.Integer("port", 1, 65_535, security == SmtpSecurity.Tls ? 465 : 587),
            Security = security,
            User = smtp.Text("user") is { Value.Length: > 0 } user ? user.Value : null,
            Password = password,
            From = smtp.Text("from")?.Value ?? "",
            AuthorityFile = Authorities(smtp.Text("authorityFile"), pathOf),
        };
    }

    private static SmtpSecurity Security(Given? given)
    {
        switch (given?.Value.ToLowerInvariant())
        {
            case null or "starttls":
                return SmtpSecurity.StartTls;
            case "tls":
                return SmtpSecurity.Tls;
            case "none":
                return SmtpSecurity.None;
            default:
                given.Value.Refuse($"'{given.Value.Value}' is no way to encrypt mail.", "Write starttls, tls or none.");
                return default;
        }
    }

    private static string? Authorities(Given? given, Func<Given, string> pathOf)
    {
        if (given is not { Value.Length: > 0 } file)
            return null;
        try
        {
            var certificates = new System.Security.Cryptography.X509Certificates.X509Certificate2Collection();
            certificates.ImportFromPemFile(pathOf(file));
            if (certificates.Count == 0)
                file.Refuse($"'{file.Value}' holds no certificate.", "Name a PEM file of the mail server's authority.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException or ArgumentException or NotSupportedException)
        {
            file.Refuse($"'{file.Value}' cannot be read as certificates.", "Name a PEM file that this account can read.");
        }
        return pathOf(file);
    }
}
