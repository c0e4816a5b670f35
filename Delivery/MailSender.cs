using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Weir.Delivery;

/// <summary>Sends mail through the installation's SMTP server. Safe from any thread; one connection a mail.</summary>
public sealed class MailSender(DeliveryOptions options, TimeProvider time)
{
    /// <summary>Whether a text is one mail address, without a name.</summary>
    public static bool IsAddress(string? text) =>
        text is { Length: > 2 and <= 254 } && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is ',' or ';' or '<' or '>')
        && MailboxAddress.TryParse(text, out var mailbox) && mailbox.Address == text && text.IndexOf('@', StringComparison.Ordinal) > 0;

    /// <summary>Sends one mail to all of its addresses. Throws nothing but for <paramref name="stop"/>.</summary>
    /// <param name="id">Becomes the Message-ID, so that a repeated attempt is known as the same mail.</param>
    /// <param name="addresses">Addresses with a comma between them.</param>
    /// <param name="message">What.</param>
    /// <param name="stop">Ends the attempt without a result.</param>
    public async Task<AttemptResult> SendAsync(string id, string addresses, Message message, CancellationToken stop)
    {
        if (options.Smtp is not { } smtp)
            return new AttemptResult(0, "No mail server is set (smtp in the settings).");
        using var patience = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            using var client = new SmtpClient();
            using var trust = TrustOf(client, smtp);
            await client.ConnectAsync(smtp.Host, smtp.Port, SecurityOf(smtp.Security), either.Token);
            if (smtp.User is { } user)
                await client.AuthenticateAsync(user, smtp.Password, either.Token);
            using var mail = Write(id, smtp.From, addresses, message);
            await client.SendAsync(mail, either.Token);
            await client.DisconnectAsync(quit: true, either.Token);
            return new AttemptResult((int)SmtpStatusCode.Ok, "");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new AttemptResult(0, $"The mail server did not take the mail within {options.Timeout.TotalSeconds:0} s.");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return Judge(e);
        }
    }

    private MimeMessage Write(string id, string from, string addresses, Message message)
    {
        var mail = new MimeMessage { Subject = message.Title, Date = time.GetUtcNow() };
        mail.From.Add(MailboxAddress.Parse(from));
        mail.To.AddRange(addresses.Split(',').Select(a => MailboxAddress.Parse(a)));
        mail.MessageId = $"{id}@{mail.From.Mailboxes.First().Domain}";
        // Nobody's holiday notice should come back for it (RFC 3834).
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        mail.Body = new TextPart("plain") { Text = message.Text };
        return mail;
    }

    private static X509Certificate2Collection? Authorities(SmtpOptions smtp)
    {
        if (smtp.AuthorityFile is null)
            return null;
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(smtp.AuthorityFile);
        return all;
    }

    // The library's own check knows the system's authorities alone.
    private static Disposing TrustOf(SmtpClient client, SmtpOptions smtp)
    {
        if (Authorities(smtp) is not { } authorities)
            return new Disposing([]);
        client.ServerCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            if (errors == SslPolicyErrors.None)
                return true;
            if (certificate is null || chain is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
                return false;
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            return chain.Build(X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()));
        };
        return new Disposing(authorities);
    }

    private static SecureSocketOptions SecurityOf(SmtpSecurity security) => security switch
    {
        SmtpSecurity.StartTls => SecureSocketOptions.StartTls,
        SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
        SmtpSecurity.None => SecureSocketOptions.None,
        _ => throw new ArgumentOutOfRangeException(nameof(security), security, "Not a way to encrypt."),
    };

    // A server's words may repeat what it was sent, so its code alone is kept.
    private static AttemptResult Judge(Exception e) => e switch
    {
        // 5xx about this mail will be said again to the same mail (RFC 5321 §4.2.1).
        SmtpCommandException { StatusCode: var code } => new AttemptResult((int)code, $"The mail server answered {(int)code}.", IsFinal: (int)code is >= 500 and < 600),
        AuthenticationException => new AttemptResult(535, "The mail server refused the user or password of the settings."),
        SslHandshakeException => new AttemptResult(0, "The mail server's certificate is not trusted, or TLS failed."),
        NotSupportedException => new AttemptResult(0, "The mail server offers no STARTTLS, or no sign-in. Mend smtp.security or smtp.user in the settings."),
        SocketException socket => new AttemptResult(0, $"The mail server cannot be connected to ({socket.SocketErrorCode})."),
        IOException or ProtocolException => new AttemptResult(0, "The connection to the mail server ended before it took the mail."),
        _ => new AttemptResult(0, $"The mail could not be sent ({e.GetType().Name})."),
    };

    private sealed class Disposing(X509Certificate2Collection certificates) : IDisposable
    {
        public void Dispose()
        {
            foreach (var certificate in certificates)
                certificate.Dispose();
        }
    }
}
