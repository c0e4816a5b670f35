using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Weir.Detection;
using Weir.Ingest;
using Weir.Ingest.Buffering;

namespace Weir.Micro.Operations;

/// <summary>Hits through a waiting room: written by two threads at once, then read by one.</summary>
/// <param name="group">What it is compared within.</param>
/// <param name="name">Its name.</param>
/// <param name="isOurs">Whether the room is Weir's; else it is the framework's bounded channel.</param>
/// <param name="asked">Nanoseconds of one hit, written and read.</param>
[SuppressMessage("Design", "CA1001", Justification = "Semaphores without a wait handle hold nothing to give back.")]
internal sealed class ChannelTransfer(string group, string name, bool isOurs, (int Must, int Aim) asked) : Operation
{
    private const int HitsOfWriter = 4096;

    private readonly SemaphoreSlim _begin = new(0), _end = new(0);
    private Func<Hit, bool> _write = null!;
    private Func<bool> _read = null!;
    private Hit _hit;
    private Thread? _other;
    private volatile bool _isReleased;

    public override string Name => name;

    public override string Group => group;

    public override bool IsOurs => isOurs;

    public override (int Must, int Aim) Asked => asked;

    public override int PerBatch => 2 * HitsOfWriter;

    public override void SetUp()
    {
        _hit = new Hit { TimeMs = 1, Site = SiteId.Parse("example.com"), HitId = 1, Method = "GET", Host = "example.com", Path = "/pricing", UserAgent = "Mozilla/5.0" };
        if (isOurs)
        {
            var channel = new HitChannel(PerBatch, new LossCounters());
            _write = hit => channel.TryWrite(in hit);
            _read = () => channel.Reader.TryRead(out _);
        }
        else
        {
            var channel = Channel.CreateBounded<Hit>(new BoundedChannelOptions(PerBatch) { SingleReader = true });
            _write = channel.Writer.TryWrite;
            _read = () => channel.Reader.TryRead(out _);
        }
        _isReleased = false;
        _other = new Thread(WriteInTurn) { IsBackground = true };
        _other.Start();
    }

    public override long RunBatch()
    {
        _begin.Release();
        Write();
        _end.Wait();
        long read = 0;
        while (_read())
            read++;
        return read;
    }

    public override void Release()
    {
        _isReleased = true;
        _begin.Release();
        _other?.Join();
        (_write, _read) = (null!, null!);
    }

    private void WriteInTurn()
    {
        while (true)
        {
            _begin.Wait();
            if (_isReleased)
                return;
            Write();
            _end.Release();
        }
    }

    private void Write()
    {
        for (int i = 0; i < HitsOfWriter; i++)
            _write(_hit);
    }
}
