using System.Net;
using Weir.Proxy.Connection;

namespace Weir.Proxy.Tests.Connection;

public class ListenAddressTests
{
    [Theory]
    [InlineData("8080", null, 8080)]
    [InlineData(":8080", null, 8080)]
    [InlineData("*:8080", null, 8080)]
    [InlineData("127.0.0.1:0", "127.0.0.1", 0)]
    [InlineData("localhost:80", "127.0.0.1", 80)]
    [InlineData("http://0.0.0.0:8080/", "0.0.0.0", 8080)]
    [InlineData("[::1]:8080", "::1", 8080)]
    [InlineData("HTTP://[::]:8080", "::", 8080)]
    public void An_address_may_be_written_as_people_write_it(string text, string? address, int port) =>
        Assert.Equal(
            new ListenAddress(address is null ? null : IPAddress.Parse(address), port),
            ListenAddress.TryParse(text, out var read) ? read : null);

    [Fact]
    public void H2c_means_HTTP_2_without_TLS() =>
        Assert.True(ListenAddress.TryParse("h2c://127.0.0.1:81", out var read) && read.IsHttp2Only && read.ToString() == "h2c://127.0.0.1:81");

    [Theory]
    [InlineData("https://:8443", "https://*:8443")]
    [InlineData("https://8443", "https://*:8443")]
    [InlineData("HTTPS://[::1]:443/", "https://[::1]:443")]
    public void Https_means_that_the_edge_ends_TLS(string text, string shown) =>
        Assert.True(ListenAddress.TryParse(text, out var read) && read.IsHttps && read.ToString() == shown);

    [Theory]
    [InlineData("https://:443 proxy-protocol", "https://*:443 proxy-protocol")]
    [InlineData(" 8080 \tPROXY-Protocol ", "http://*:8080 proxy-protocol")]
    [InlineData("h2c://127.0.0.1:81 proxy-protocol", "h2c://127.0.0.1:81 proxy-protocol")]
    public void A_balancer_may_name_the_client_before_each_connection(string text, string shown) =>
        Assert.True(ListenAddress.TryParse(text, out var read) && read.HasProxyHeader && read.ToString() == shown);

    [Theory]
    [InlineData("8080proxy-protocol")]
    [InlineData("proxy-protocol")]
    [InlineData("8080 proxy-protocol proxy-protocol")]
    [InlineData("8080 proxyprotocol")]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("edge.example:80")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("::1:80")]
    [InlineData("-1")]
    [InlineData("127.0.0.1:+80")]
    public void What_is_no_address_is_refused(string? text) => Assert.False(ListenAddress.TryParse(text, out _));
}
