namespace Weir.Detection.Claims;

/// <summary>Phones from before browsers wrote Mozilla, and phones whose name holds a word that means automation.</summary>
internal static class PhoneNames
{
    private static readonly string[] Makers =
    [
        "Alcatel", "AMOI", "AUDIOVOX-", "BENQ", "BIRD", "BlackBerry", "CDM-", "CECT", "Coolpad", "Cricket-", "DoCoMo/", "Dopod",
        "emobile/", "Ericsson", "Fly", "GIONEE", "GT-", "G-Five", "Haier", "Hisense", "HTC", "Huawei", "i-mobile", "INQ",
        "J-PHONE/", "JUC", "K-Touch", "Karbonn", "KDDI-", "KTOUCH", "KWC-", "KYOCERA", "Lava", "LCT_", "LG-", "LGE-", "LG/",
        "Lenovo", "Maxx", "MERIDIAN", "Micromax", "MOT-", "Motorola", "NEC-", "Nexian", "Nokia", "O2-", "OPPO", "Orange",
        "Panasonic", "PANTECH", "Palmscape", "PG-", "Philips", "portalmmm", "QMobile", "QC-", "SAGEM", "SAMSUNG", "SANYO", "SCH-",
        "SEC-", "SGH-", "SHARP-", "SIE-", "SPH-", "SPICE", "SoftBank/", "Sony", "T-Mobile_", "TECNO", "TCL-", "TELIT", "TIANYU",
        "TSM-", "Toshiba", "UTS", "Videocon", "VK-", "Vodafone/", "WILLCOM", "XIAOMI", "ZTE",
    ];

    /// <summary>Whether a text begins with maker and model, where browsers write Mozilla.</summary>
    public static bool Begins(ReadOnlySpan<char> text)
    {
        foreach (string maker in Makers)
        {
            if ((text[0] | 0x20) == (maker[0] | 0x20) && text.StartsWith(maker, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>Whether a word that means automation is part of the name of a phone or app: CUBOT, "M BOT 551", CamScanner, Firefox's MozacFetch.</summary>
    public static bool Holds(ReadOnlySpan<char> text, int start, int end)
    {
        var before = text[..start];
        var word = text[start..end];
        if (word.Equals("scanner", StringComparison.OrdinalIgnoreCase))
            return before.EndsWith("cam", StringComparison.OrdinalIgnoreCase);
        if (word.Equals("fetch", StringComparison.OrdinalIgnoreCase))
            return before.EndsWith("Mozac", StringComparison.OrdinalIgnoreCase);
        return word.Equals("bot", StringComparison.OrdinalIgnoreCase)
            && (before.EndsWith("cu", StringComparison.OrdinalIgnoreCase) || before.EndsWith(" M ", StringComparison.Ordinal)
                || before.EndsWith(" M_", StringComparison.Ordinal) || before.EndsWith(" M-", StringComparison.Ordinal));
    }
}
