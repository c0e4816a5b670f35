namespace Weir.Control.Tests;

public class PrivateReachTests
{
    [Theory]
    [InlineData(""" "origins": "http://127.0.0.1:8123" """)]
    [InlineData(""" "origins": ["https://www.example.com", "http://10.0.0.1"] """)]
    [InlineData(""" "origins": [{ "url": "http://169.254.169.254", "weight": 1 }] """)]
    [InlineData(""" "origins": "http://localhost:3000" """)]
    [InlineData(""" "origins": "http://LOCALHOST." """)]
    [InlineData(""" "origins": "h2c://192.168.1.1:80" """)]
    [InlineData(""" "origins": "http://2130706433/" """)]
    [InlineData(""" "origins": "http://0x7f.1" """)]
    [InlineData(""" "origins": "http://[::1]:80" """)]
    [InlineData(""" "origins": "http://[fd00::1]" """)]
    [InlineData(""" "origins": "http://[::ffff:10.0.0.1]" """)]
    [InlineData(""" "origins": "http://0.0.0.0" """)]
    [InlineData(""" "origins": "http://not a url" """)]
    [InlineData(""" "origins": "https://www.example.com", "origins": "http://10.0.0.1" """)]
    [InlineData(""" "origins": "https://www.example.com", "originCa": "/etc/passwd" """)]
    public void What_leads_inside_is_named(string site) => Assert.Single(PrivateReach.Of($"{{{site}}}"));

    [Theory]
    [InlineData(""" "origins": "https://www.example.com" """)]
    [InlineData(""" "origins": ["http://8.8.8.8:8080", { "url": "https://[2606:4700::1111]" }] """)]
    [InlineData(""" "origins": "https://www.example.com", "privateOrigins": false, /* a comment */ "hosts": "10.0.0.1", """)]
    public void Public_origins_are_none_of_it(string site) => Assert.Empty(PrivateReach.Of($"{{{site}}}"));

    [Fact]
    public void With_private_origins_every_origin_counts() =>
        Assert.Equal(["privateOrigins", "origins https://a.example"], PrivateReach.Of("""{ "privateOrigins": true, "origins": "https://a.example" }"""));

    [Theory]
    [InlineData("[]")]
    [InlineData("nothing")]
    [InlineData("")]
    public void Texts_that_are_no_object_are_for_the_check(string json) => Assert.Empty(PrivateReach.Of(json));
}
