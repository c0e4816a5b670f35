using System.Text;
using Weir.Detection;

namespace Weir.Ingest.AccessLogs;

/// <summary>Reads the parts that several formats share: addresses, request lines, hosts.</summary>
internal static class LogRequest
{
    /// <summary>Reads a request line as logged (<c>GET /path?query HTTP/1.1</c>), escapes undone. What is no HTTP stays as the path.</summary>
    public static void ReadRequest(ReadOnlySpan<byte> request, scoped ref LogLine line)
    {
        if (LogText.IsNothing(request))
            return;
        int space = request.IndexOf((byte)' ');
        if (space <= 0 || !IsMethod(request[..space]))
        {
            line.Path = request;
            return;
        }
        line.Method = request[..space];
        var target = request[(space + 1)..];
        int last = target.LastIndexOf((byte)' ');
        if (last >= 0 && TryReadVersion(target[(last + 1)..], out byte version))
        {
            line.HttpVersion = version;
            target = target[..last];
        }
        ReadTarget(target, ref line);
    }

    /// <summary>Splits a request target into path and query, and a host where it names one.</summary>
    public static void ReadTarget(ReadOnlySpan<byte> target, scoped ref LogLine line)
    {
        if (target.Length > 0 && target[0] != '/' && target.IndexOf("://"u8) is > 0 and < 8 and var scheme)
        {
            var rest = target[(scheme + 3)..];
            int slash = rest.IndexOf((byte)'/');
            line.Host = HostOf(slash < 0 ? rest : rest[..slash]);
            target = slash < 0 ? "/"u8 : rest[slash..];
        }
        int question = target.IndexOf((byte)'?');
        line.Path = question < 0 ? target : target[..question];
        line.Query = question < 0 ? default : target[(question + 1)..];
    }

    /// <summary>Reads <c>HTTP/1.1</c> as 11; <c>HTTP/2</c> as 20.</summary>
    public static bool TryReadVersion(ReadOnlySpan<byte> text, out byte version)
    {
        version = 0;
        if (text.Length is not (6 or 8) || !text.StartsWith("HTTP/"u8) || text[5] is < (byte)'0' or > (byte)'9')
            return false;
        version = (byte)((text[5] - '0') * 10);
        if (text.Length == 6)
            return true;
        if (text[6] != '.' || text[7] is < (byte)'0' or > (byte)'9')
            return false;
        version += (byte)(text[7] - '0');
        return true;
    }

    /// <summary>A host without its port.</summary>
    public static ReadOnlySpan<byte> HostOf(ReadOnlySpan<byte> host)
    {
        int colon = host.LastIndexOf((byte)':');
        return colon >= 0 && host[colon..].IndexOf((byte)']') < 0 && host[(colon + 1)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
            ? host[..colon]
            : host;
    }

    /// <summary>Reads an address without a port.</summary>
    public static bool TryReadAddress(ReadOnlySpan<byte> text, out ClientAddress address)
    {
        if (TryReadIPv4(text, out uint number))
        {
            address = ClientAddress.FromIPv4(number);
            return true;
        }
        address = default;
        Span<char> chars = stackalloc char[48];
        return text.Length is > 1 and <= 45 && Ascii.IsValid(text)
            && ClientAddress.TryParse(chars[..Encoding.ASCII.GetChars(text, chars)], out address);
    }

    /// <summary>The address before a comma: some write the whole X-Forwarded-For.</summary>
    public static void ReadAddress(ReadOnlySpan<byte> text, scoped ref LogLine read)
    {
        int comma = text.IndexOf((byte)',');
        TryReadAddress(comma < 0 ? text : text[..comma], out read.ClientAddress);
    }

    // The plain dotted quad. Leading zeros are left to the framework's reader, which knows their octal meaning.
    private static bool TryReadIPv4(ReadOnlySpan<byte> text, out uint address)
    {
        address = 0;
        uint part = 0;
        int digits = 0, parts = 1;
        foreach (byte b in text)
        {
            if (b is >= (byte)'0' and <= (byte)'9' && digits < 3 && (digits == 0 || part > 0))
            {
                part = (part * 10) + b - '0';
                digits++;
            }
            else if (b == '.' && digits > 0 && part <= 255 && parts < 4)
            {
                address = (address << 8) | part;
                part = 0;
                digits = 0;
                parts++;
            }
            else
                return false;
        }
        address = (address << 8) | part;
        return parts == 4 && digits > 0 && part <= 255;
    }

    private static bool IsMethod(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text)
        {
            if (b is not ((>= (byte)'A' and <= (byte)'Z') or (>= (byte)'a' and <= (byte)'z') or (byte)'-' or (byte)'_'))
                return false;
        }
        return text.Length <= 32;
    }
}
