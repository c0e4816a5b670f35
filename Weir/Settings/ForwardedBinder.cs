using Weir.Control;

namespace Weir.Settings;

/// <summary>Reads which headers tell a site's origin who asked.</summary>
internal static class ForwardedBinder
{
    /// <summary>Reads the setting; a wrong value is noted.</summary>
    public static ForwardedStyle Bind(Given? given)
    {
        switch (given?.Value)
        {
            case null or "x-forwarded":
                return ForwardedStyle.XForwarded;
            case "both":
                return ForwardedStyle.Both;
            case "forwarded":
                return ForwardedStyle.Forwarded;
            default:
                given.Value.Refuse($"'{given.Value.Value}' names no headers that the origin can get.", "Write x-forwarded, both or forwarded.");
                return default;
        }
    }
}
