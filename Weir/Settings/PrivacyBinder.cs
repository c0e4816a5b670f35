using Weir.Control;
using Weir.Detection;

namespace Weir.Settings;

/// <summary>Reads what is kept of a site's visitors, and for how long.</summary>
internal static class PrivacyBinder
{
    /// <summary>Reads the section; a wrong value is noted.</summary>
    public static SitePrivacy Bind(Section privacy)
    {
        var addresses = AddressForm.Full;
        if (privacy.Text("addresses") is { } given && !AddressForms.TryParse(given.Value, out addresses))
            given.Refuse($"'{given.Value}' is no form of an address.", $"Write {AddressForms.Names}.");
        int? days = (int?)privacy.Integer("retentionDays", 1, SitePrivacy.DaysMax);
        int? counts = (int?)privacy.Integer("countsDays", 1, SitePrivacy.DaysMax);
        if (counts is not null && (days is null || counts < days))
        {
            privacy.Errors.Add(privacy.Node!.Find("countsDays")!.At, privacy.PathOf("countsDays"),
                days is null ? "Counts would end before the hits, which are kept." : $"Counts would end before the hits, which are kept for {days} days.",
                days is null ? "Write retentionDays too, or leave countsDays out." : $"Write {days} or more, or leave it out for as long as hits.");
        }
        return new SitePrivacy { Addresses = addresses, RetentionDays = days, CountsDays = counts, KeepsPageTexts = privacy.Boolean("pageTexts", true) };
    }
}
