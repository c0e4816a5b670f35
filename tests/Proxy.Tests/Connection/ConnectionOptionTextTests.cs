using System.Text;
using Weir.Proxy.Connection;

namespace Weir.Proxy.Tests.Connection;

public class ConnectionOptionTextTests
{
    [Theory]
    [InlineData("close", "close")]
    [InlineData("keep-alive", "keep-alive")]
    [InlineData("keep-alive, Upgrade", "keep-alive, Upgrade")]
    [InlineData("X-Hop", "X-Hop")]
    [InlineData("close, X-Hop", "close, X-Hop, keep-alive")]
    [InlineData("Upgrade, HTTP2-Settings", "Upgrade, HTTP2-Settings, keep-alive")]
    [InlineData("keep-alive, X-Hop", " X-Hop")]
    [InlineData("", "")]
    [InlineData(",, ,", ",, ,")]
    public void Names_beside_the_known_words_survive_and_the_words_keep_their_meaning(string sent, string kept) =>
        Assert.Equal(kept, ConnectionOptionText.Instance.GetString(Encoding.Latin1.GetBytes(sent)));
}
