using Weir.Detection;

namespace Weir.Tests.Signals;

/// <summary>Programs that copied a browser's user agent, as their libraries send the rest.</summary>
public class CopiedUserAgentTests
{
    private const string Chrome =
        "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

    private const string Requests = $"""
        Host: shop.example
        {Chrome}
        Accept-Encoding: gzip, deflate, br, zstd
        Accept: */*
        Connection: keep-alive
        """;

    private const string Axios = $"""
        Accept: application/json, text/plain, */*
        {Chrome}
        Accept-Encoding: gzip, compress, deflate, br
        Host: shop.example
        Connection: keep-alive
        """;

    private const string Undici = $"""
        host: shop.example
        connection: keep-alive
        {Chrome}
        accept: */*
        accept-language: *
        sec-fetch-mode: cors
        accept-encoding: br, gzip, deflate
        """;

    // A library that greets by TLS as Chrome does, with headers typed by hand.
    private const string Impersonator = $"""
        {Chrome}
        Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
        Accept-Encoding: gzip, deflate, br
        Accept-Language: en-US,en;q=0.5
        """;

    [Theory]
    [InlineData(Requests, "t13d1812h1_85036bcba153_b26ce05bbdd6", new[] { Reason.AcceptLanguageMissing, Reason.ClientHintsMissing, Reason.FetchMetadataMissing, Reason.HeaderOrderOdd, Reason.TlsContradicts, Reason.AcceptContradicts })]
    [InlineData(Axios, "t13d5212h1_b262b3658495_8e6e362c5eac", new[] { Reason.AcceptLanguageMissing, Reason.ClientHintsMissing, Reason.TlsContradicts, Reason.AcceptContradicts })]
    [InlineData(Undici, "t13d5212h1_b262b3658495_8e6e362c5eac", new[] { Reason.ClientHintsMissing, Reason.TlsContradicts, Reason.AcceptContradicts })]
    public void A_library_under_Chromes_name_is_automation_where_its_TLS_is_seen(string lines, string ja4, Reason[] expected)
    {
        var verdict = WrittenRequest.Classify(lines, http: 11, ja4: ja4);

        Assert.Equal(VerdictKind.Automation, verdict.Kind);
        Assert.All(expected, r => Assert.True(verdict.Reasons.Has(r), $"{r} is missing"));
    }

    [Theory]
    [InlineData(Requests, Transport.Tls)]
    [InlineData(Requests, Transport.Plain)]
    [InlineData(Axios, Transport.Tls)]
    [InlineData(Axios, Transport.Plain)]
    [InlineData(Undici, Transport.Tls)]
    [InlineData(Undici, Transport.Plain)]
    public void Its_headers_alone_take_it_out_of_the_likely_humans(string lines, Transport transport)
    {
        var verdict = WrittenRequest.Classify(lines, transport, http: 11);

        Assert.NotEqual(VerdictKind.LikelyHuman, verdict.Kind);
        Assert.True(verdict.Score >= 30, $"score {verdict.Score}");
    }

    [Fact]
    public void An_impersonator_without_hints_scores_clearly_above_the_browser()
    {
        var verdict = WrittenRequest.Classify(Impersonator, ja4: WrittenRequest.ChromeJa4);

        Assert.True(verdict.Reasons.Has(Reason.ClientHintsMissing) && verdict.Reasons.Has(Reason.FetchMetadataMissing));
        Assert.True(verdict.Score >= 15, $"score {verdict.Score}");
    }

    [Theory]
    [InlineData("\"Chromium\";v=\"120\", \"Not=A?Brand\";v=\"24\"", "?0", "\"Windows\"")] // another version
    [InlineData("\"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\"", "?1", "\"Windows\"")] // a phone
    [InlineData("\"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\"", "?0", "\"Linux\"")] // another system
    [InlineData("\"Google Chrome\";v=\"140\"", "?0", "\"Windows\"")] // no engine
    [InlineData("x", "x", "x")]
    public void Hints_that_contradict_the_user_agent_make_a_program_likely_and_not_certain(string brands, string mobile, string system)
    {
        var verdict = WrittenRequest.Classify($"""
            sec-ch-ua: {brands}
            sec-ch-ua-mobile: {mobile}
            sec-ch-ua-platform: {system}
            {Chrome}
            Accept: text/html,application/xhtml+xml,image/webp,*/*;q=0.8
            Accept-Encoding: gzip, deflate, br
            Accept-Language: en-US
            """);

        Assert.True(verdict.Reasons.Has(Reason.ClientHintsContradict));
        Assert.Equal(VerdictKind.Automation, verdict.Kind);
        Assert.InRange(verdict.Score, 70, 95);
    }

    [Fact]
    public void Hints_under_a_browser_that_sends_none_contradict_it()
    {
        var verdict = WrittenRequest.Classify("""
            sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"
            User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1
            Accept: */*
            Accept-Encoding: gzip
            Accept-Language: en
            """);

        Assert.True(verdict.Reasons.Has(Reason.ClientHintsContradict));
    }

    [Fact]
    public void A_headless_browser_in_disguise_is_named_by_its_hints()
    {
        var verdict = WrittenRequest.Classify($"""
            sec-ch-ua: "HeadlessChrome";v="140", "Chromium";v="140", "Not=A?Brand";v="24"
            {Chrome}
            Accept: */*
            Accept-Encoding: gzip, deflate, br
            Accept-Language: en-US
            """);

        Assert.True(verdict.Reasons.Has(Reason.HeadlessBrowser));
        Assert.Equal(VerdictKind.Automation, verdict.Kind);
    }

    [Theory]
    [InlineData("cross-site", "cors", "document", "")]
    [InlineData("none", "navigate", "image", "")]
    [InlineData("same-origin", "cors", "empty", "?1")]
    [InlineData("", "cors", "empty", "")] // Node's fetch
    [InlineData("nowhere", "navigate", "document", "?1")]
    [InlineData("none", "teleport", "document", "?1")]
    public void Fetch_metadata_that_no_browser_puts_together_counts_against_instead_of_for(string site, string mode, string dest, string user)
    {
        var verdict = WrittenRequest.Classify($"""
            {Chrome}
            Sec-Fetch-Site: {site}
            Sec-Fetch-Mode: {mode}
            Sec-Fetch-Dest: {dest}
            Sec-Fetch-User: {user}
            """);

        Assert.False(verdict.Reasons.Has(Reason.FetchMetadataSent));
        Assert.True(verdict.Reasons.Has(Reason.AcceptContradicts));
    }

    [Theory]
    [InlineData("Accept, User-Agent, Host, Accept-Encoding", true)]
    [InlineData("Host, User-Agent, Accept-Encoding, Accept", true)]
    [InlineData("Host, User-Agent, Accept, Accept-Encoding, Accept-Language", false)]
    [InlineData("Accept, Accept-Encoding, Accept-Language, Host, User-Agent", false)] // sorted by whoever wrote it down
    public void The_order_of_headers_is_judged_where_it_is_known(string names, bool isOdd)
    {
        string lines = string.Join('\n', names.Split(", ").Select(n => n == "User-Agent" ? Chrome : $"{n}: x"));

        Assert.Equal(isOdd, WrittenRequest.Classify(lines).Reasons.Has(Reason.HeaderOrderOdd));
    }

    [Fact]
    public void A_proxys_marks_halve_what_a_proxy_may_have_done()
    {
        var bare = WrittenRequest.Classify(Requests, http: 11);
        var marked = WrittenRequest.Classify(Requests + "\nVia: 1.1 squid", http: 11);

        Assert.Equal(VerdictEvidence.WeightOf(Reason.AcceptContradicts, bare) / 2, VerdictEvidence.WeightOf(Reason.AcceptContradicts, marked));
        Assert.True(marked.Score < bare.Score);
    }

    [Fact]
    public void The_weights_of_a_verdict_add_up_to_its_score()
    {
        foreach (string lines in new[] { Requests, Axios, Undici, Impersonator, Chrome, Requests + "\nVia: 1.1 squid", Chrome + "\nVia: 1.1 squid" })
        {
            var verdict = WrittenRequest.Classify(lines, http: 11);
            double sum = WrittenRequest.Reasons(verdict).Sum(r => VerdictEvidence.WeightOf(r, verdict));
            Assert.Equal(verdict.Score, (byte)Math.Round(100 / (1 + Math.Exp(-sum))));
        }
    }
}
