using Weir.Control.Postgres;

namespace Weir.Settings;

/// <summary>Reads which PostgreSQL several programs share as their control store.</summary>
internal static class ControlBinder
{
    private const int NameMax = 63; // PostgreSQL cuts longer names without a word
    private const string Example = "Write one such as postgres://weir@db.example.com:5432/weir, or db.example.com/weir.";
    private const string Scheme = "postgres://";

    /// <summary>Reads the section; null when it is not given.</summary>
    public static PostgresOptions? Bind(Section control, string folder)
    {
        if (control.Node is null)
            return null;
        string password = SettingsBinder.Password(control, folder);
        if (control.Text("url") is not { } url)
        {
            if (control.Has("password") || control.Has("passwordFile") || control.Has("tls"))
                control.Errors.Add(control.At, control.PathOf("url"), "A control store is described without its URL.",
                    "Write \"url\": \"postgres://weir@127.0.0.1:5432/weir\", or leave control out to keep it in the data folder.");
            return null;
        }
        return Read(url, password, control.Boolean("tls", false));
    }

    private static PostgresOptions? Read(Given url, string password, bool isTls)
    {
        string text = url.Value.Trim();
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0 && text[..scheme].ToLowerInvariant() is not ("postgres" or "postgresql"))
            return Refuse(url, "The control store is PostgreSQL's alone.", Example);
        if (!Uri.TryCreate(Scheme + (scheme < 0 ? text : text[(scheme + 3)..]), UriKind.Absolute, out var address))
        {
            // What cannot be read may hold a password, which is not repeated on the screen.
            return Refuse(url, text.Contains('@') ? "This is no URL of a database." : $"'{text}' is no URL of a database.", Example);
        }
        if (address.UserInfo.Contains(':'))
            return Refuse(url, "A URL with a password in it ends up in logs.", "Write passwordFile (or password) beside it.");
        if (address.Query.Length > 0 || address.Fragment.Length > 0)
            return Refuse(url, "The URL has more than a database.", "Leave out what is behind it; \"tls\": true stands for sslmode=verify-full.");
        string user = address.UserInfo.Length == 0 ? "weir" : Uri.UnescapeDataString(address.UserInfo);
        string database = Uri.UnescapeDataString(address.AbsolutePath.TrimStart('/'));
        if (Uri.CheckHostName(address.DnsSafeHost) == UriHostNameType.Unknown || address.Port == 0)
            return Refuse(url, $"'{address.Authority}' is no host of a database.", Example);
        if (!IsName(user) || !IsName(database))
            return Refuse(url, IsName(user) ? "The URL names no database." : "The URL names no user.", Example);
        return new PostgresOptions
        {
            Host = address.IdnHost.Trim('[', ']'),
            Port = address.Port < 0 ? PostgresOptions.PortDefault : address.Port,
            Database = database,
            User = user,
            Password = password,
            IsTls = isTls,
        };
    }

    private static bool IsName(string name) => name.Length is > 0 and <= NameMax && !name.Any(c => char.IsControl(c) || c == '/');

    private static PostgresOptions? Refuse(Given given, string what, string mend)
    {
        given.Refuse(what, mend);
        return null;
    }
}
