namespace Weir.Simulation.Tests;

public class TraceFileTests
{
    private const string Head = """{"targets":2,"engines":1,"days":10,"warmup":1,"tick":0.5,"brandOf":[0,0],"engineOf":[0,0]}""";

    [Theory]
    [InlineData("trace.jsonl")]
    [InlineData("trace.jsonl.gz")]
    public void What_is_written_is_read_again(string name)
    {
        var trace = World.Make(new WorldParameters { Brands = 2, Queries = 6, Days = 40 }, 3);
        string path = Path.Combine(Directory.CreateTempSubdirectory("weir-trace-").FullName, name);
        TraceFile.Write(trace, path);
        var read = TraceFile.Read(path);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);

        Assert.Equal((trace.Days, trace.Warmup, trace.Tick), (read.Days, read.Warmup, read.Tick));
        Assert.Equal(trace.Fleet.TenantOf, read.Fleet.TenantOf);
        Assert.Equal(trace.Fleet.EngineOf, read.Fleet.EngineOf);
        // The causes of changes are not part of the form.
        Assert.Equal(trace.Events.Select(e => e.Kind == TraceKind.Change ? e with { Detail = 0 } : e), read.Events);
    }

    [Fact]
    public void All_forms_of_lines_are_read()
    {
        var trace = Read(Head, """{"t":0.41,"change":1}""", "", """{"t":0.50,"signal":"crawlChanged","target":0,"weight":0.5}""", """{"t":3.2,"engineUpdate":0,"note":{"by":["us"]}}""");
        Assert.Equal([TraceKind.Change, TraceKind.Signal, TraceKind.EngineUpdate], trace.Events.Select(e => e.Kind));
        Assert.Equal((0.5, (Half)0.5), (trace.Events[1].At, trace.Events[1].Weight));
    }

    [Theory]
    [InlineData("""{"t":1,"change":2}""", "line 2", "change must be a number from 0 to 1")]
    [InlineData("""{"t":1,"signal":"rumour","target":0}""", "line 2", "'rumour' is no signal")]
    [InlineData("""{"t":1,"signal":"userFetch"}""", "line 2", "target must be")]
    [InlineData("""{"t":1,"signal":"userFetch","target":0,"weight":7}""", "line 2", "weight must be")]
    [InlineData("""{"t":11,"change":0}""", "line 2", "t must be there")]
    [InlineData("""{"change":0}""", "line 2", "t must be there")]
    [InlineData("""{"t":1}""", "line 2", "one of change, signal or engineUpdate")]
    [InlineData("""{"t":1,"change":0,"engineUpdate":0}""", "line 2", "one of change, signal or engineUpdate")]
    [InlineData("""[1]""", "line 2", "JSON object")]
    [InlineData("""{"t":"soon","change":0}""", "line 2", "")]
    [InlineData("""{"t":1,"change""", "line 2", "")]
    public void A_wrong_line_is_named(string line, string where, string what)
    {
        var error = Assert.Throws<SimulationException>(() => Read(Head, line));
        Assert.Contains(where, error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_out_of_order_are_named() =>
        Assert.Contains("line 3", Assert.Throws<SimulationException>(() => Read(Head, """{"t":2,"change":0}""", """{"t":1,"change":0}""")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"targets":3,"engines":1,"days":10,"brandOf":[0,0],"engineOf":[0,0]}""")]
    [InlineData("""{"targets":2,"engines":1,"days":10,"brandOf":[0,0],"engineOf":[0,1]}""")]
    [InlineData("""{"targets":2,"engines":1,"days":1e99,"brandOf":[0,0],"engineOf":[0,0]}""")]
    [InlineData("""{"targets":2,"engines":1,"days":10,"tick":0,"brandOf":[0,0],"engineOf":[0,0]}""")]
    [InlineData("""{"targets":2,"engines":1,"days":10,"brandOf":[0,-1],"engineOf":[0,0]}""")]
    public void A_wrong_first_line_is_named(string head) =>
        Assert.Contains("line 1", Assert.Throws<SimulationException>(() => Read(head)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"brands":0}""", "brands")]
    [InlineData("""{"pEff":1.5}""", "pEff")]
    [InlineData("""{"wStable":0.9,"wMed":0.2}""", "wStable")]
    [InlineData("""{"phiLo":0.5,"phiHi":0.4}""", "phiLo")]
    [InlineData("""{"brands":100000,"queries":1000}""", "brands × queries × engines")]
    [InlineData("""{"medium":1}""", "medium")]
    [InlineData("""[]""", "")]
    [InlineData("""{"days":"many"}""", "days")]
    public void A_wrong_parameter_is_named(string json, string name) =>
        Assert.Contains(name, Assert.Throws<SimulationException>(() => WorldParameters.Parse(json)).Message, StringComparison.Ordinal);

    private static Trace Read(params string[] lines) => TraceFile.Read(new StringReader(string.Join('\n', lines)));
}
