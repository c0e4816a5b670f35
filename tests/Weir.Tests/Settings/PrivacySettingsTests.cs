using Weir.Control;
using Weir.Detection;

namespace Weir.Tests.Settings;

public class PrivacySettingsTests
{
    [Fact]
    public void Without_the_section_all_is_kept() =>
        Assert.Equal(new SitePrivacy(), SettingsText.Read("""{ "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000" }] }""").Sites[0].Privacy);

    [Theory]
    [InlineData("full", AddressForm.Full)]
    [InlineData("truncated", AddressForm.Truncated)]
    [InlineData("hashed", AddressForm.Hashed)]
    [InlineData("none", AddressForm.None)]
    public void Every_setting_means_what_it_says(string addresses, AddressForm form) =>
        Assert.Equal(new SitePrivacy { Addresses = form, RetentionDays = 30, CountsDays = 400, KeepsPageTexts = false },
            SettingsText.Read(SiteWith($$"""{ "addresses": "{{addresses}}", "retentionDays": 30, "countsDays": 400, "pageTexts": false }""")).Sites[0].Privacy);

    [Theory]
    [InlineData("""{ "addresses": "half" }""", "privacy.addresses: 'half' is no form of an address. Write full, truncated, hashed or none.")]
    [InlineData("""{ "retentionDays": 0 }""", "privacy.retentionDays: 0 is out of range. Write a number from 1 to 36500.")]
    [InlineData("""{ "countsDays": 30 }""", "privacy.countsDays: Counts would end before the hits, which are kept. Write retentionDays too, or leave countsDays out.")]
    [InlineData("""{ "retentionDays": 30, "countsDays": 29 }""", "privacy.countsDays: Counts would end before the hits, which are kept for 30 days.")]
    [InlineData("""{ "pageTexts": "no" }""", "privacy.pageTexts:")]
    [InlineData("""{ "adresses": "none" }""", "privacy.adresses: There is no setting 'adresses' here. Did you mean 'addresses'?")]
    public void A_wrong_setting_is_named_with_its_mend(string privacy, string error) =>
        Assert.Contains(error, Assert.Single(SettingsText.Errors(SiteWith(privacy))), StringComparison.Ordinal);

    private static string SiteWith(string privacy) =>
        $$"""{ "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000", "privacy": {{privacy}} }] }""";
}
