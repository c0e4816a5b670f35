using Weir.Control;

namespace Weir.Tests.Settings;

public class ForwardedSettingsTests
{
    [Theory]
    [InlineData("", ForwardedStyle.XForwarded)]
    [InlineData(""", "forwarded": "x-forwarded" """, ForwardedStyle.XForwarded)]
    [InlineData(""", "forwarded": "both" """, ForwardedStyle.Both)]
    [InlineData(""", "forwarded": "forwarded" """, ForwardedStyle.Forwarded)]
    public void The_headers_of_the_origin_are_chosen_by_site(string setting, ForwardedStyle style) =>
        Assert.Equal(style, SettingsText.Read(SiteWith(setting)).Sites[0].Forwarded);

    [Fact]
    public void Another_word_is_named_with_its_place_and_mend() => Assert.Contains(
        "weir.json:1:89 sites[0].forwarded: 'rfc7239' names no headers that the origin can get. Write x-forwarded, both or forwarded.",
        Assert.Single(SettingsText.Errors(SiteWith(""", "forwarded": "rfc7239" """))), StringComparison.Ordinal);

    private static string SiteWith(string setting) =>
        $$"""{ "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000"{{setting}} }] }""";
}
