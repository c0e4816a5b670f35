using System.Net;
using System.Net.Sockets;

namespace Weir.TestKit;

/// <summary>Stands between a resolver and a DNS server: counts questions and holds answers back. UDP alone.</summary>
public sealed class DnsRelay : IAsyncDisposable
{
    private readonly UdpClient _front = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly IPEndPoint? _server;
    private readonly TimeSpan _delay;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private volatile bool _isSilent;
    private int _questions;
    private int _open;
    private int _openMax;

    /// <param name="server">Who answers; null for nobody.</param>
    /// <param name="delay">How long each answer is held back.</param>
    public DnsRelay(IPEndPoint? server, TimeSpan delay = default)
    {
        _server = server;
        _delay = delay;
        _front.Client.ReceiveBufferSize = 1 << 20;
        _running = RunAsync();
    }

    /// <summary>Where to ask.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_front.Client.LocalEndPoint!;

    /// <summary>Questions that came.</summary>
    public int Questions => Volatile.Read(ref _questions);

    /// <summary>How many questions were open at once, at most.</summary>
    public int OpenMax => Volatile.Read(ref _openMax);

    /// <summary>Answers nothing any more.</summary>
    public void Silence() => _isSilent = true;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _front.Dispose();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var question = await _front.ReceiveAsync(_stop.Token);
            Interlocked.Increment(ref _questions);
            _openMax = Math.Max(_openMax, Interlocked.Increment(ref _open));
            if (_server is not null && !_isSilent)
                _ = PassAsync(question);
        }
    }

    private async Task PassAsync(UdpReceiveResult question)
    {
        try
        {
            await Task.Delay(_delay, TimeProvider.System, _stop.Token);
            using var back = new UdpClient(AddressFamily.InterNetwork);
            await back.SendAsync(question.Buffer, _server, _stop.Token);
            var answer = await back.ReceiveAsync(_stop.Token);
            Interlocked.Decrement(ref _open);
            await _front.SendAsync(answer.Buffer, question.RemoteEndPoint, _stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test ended, or there is no server: no answer either way.
        }
    }
}
