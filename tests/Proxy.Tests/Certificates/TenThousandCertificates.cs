using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Proxy.Certificates;
using Weir.TestKit;

namespace Weir.Proxy.Tests.Certificates;

/// <summary>What many certificates cost. Measures and prints, so it runs only when it is asked for; docs/certificates.md holds its figures.</summary>
public sealed class TenThousandCertificates(ITestOutputHelper output)
{
    private const int Count = 10_000;
    private const int Handshakes = 2_000;

    private readonly TimeProvider _time = TimeProvider.System;

    [Fact(Explicit = true)]
    public async Task Cost()
    {
        using var folder = new TemporaryFolder();
        using var issuer = Issuer();
        for (int i = 0; i < Count; i++)
            Write(folder, i, issuer);
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = ActivatorUtilities.CreateInstance<EdgeMetrics>(services);
        Warm(folder, metrics);

        long before = Resident();
        var store = new CertificateStore(new CertificateOptions { Folder = folder.Path }, metrics, _time, NullLogger<CertificateStore>.Instance);
        Say("load", Timed(store.Load));
        Assert.Equal(Count, store.Count);
        Say("resident memory a certificate, loaded", $"{(Resident() - before) / Count:N0} B");
        Say("a poll round that finds nothing", Timed(store.Look));
        Write(folder, 77, issuer);
        Say("a poll round that sees a change", Timed(store.Look));
        Say("a poll round that reads it and swaps the table", Timed(store.Look));
        Say("look-ups a second, one thread, names by chance", $"{LookUps(store):N0}");

        before = Resident();
        var first = await HandshakesAsync(store);
        Say("first handshake with a certificate, with both ends", first);
        Say("resident memory a certificate, more once it was shown", $"{(Resident() - before) / Handshakes:N0} B");
        Say("second handshake with it, full, with both ends", await HandshakesAsync(store));
    }

    private static X509Certificate2 Issuer()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=issuer", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-2), now.AddDays(200));
    }

    private static void Write(TemporaryFolder folder, int number, X509Certificate2 issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=leaf", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Host(number));
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(issuer, now.AddDays(-1), now.AddDays(80), Guid.NewGuid().ToByteArray());
        File.WriteAllText(folder[$"{number}.pem"], certificate.ExportCertificatePem() + "\n" + issuer.ExportCertificatePem() + "\n");
        File.WriteAllText(folder[$"{number}.key"], key.ExportPkcs8PrivateKeyPem());
    }

    private static string Host(int number) => $"shop-{number}.example.com";

    // What is compiled and opened once is no cost of a certificate.
    private void Warm(TemporaryFolder folder, EdgeMetrics metrics)
    {
        using var few = new TemporaryFolder();
        for (int i = 0; i < 50; i++)
        {
            File.Copy(folder[$"{i}.pem"], few[$"{i}.pem"]);
            File.Copy(folder[$"{i}.key"], few[$"{i}.key"]);
        }
        var store = new CertificateStore(new CertificateOptions { Folder = few.Path }, metrics, _time, NullLogger<CertificateStore>.Instance);
        store.Load();
        store.Look();
    }

    private static double LookUps(CertificateStore store)
    {
        string[] names = [.. Enumerable.Range(0, Count).OrderBy(i => (i * 7919L) % Count).Select(Host)];
        int found = 0;
        var took = Timed(() =>
        {
            for (int round = 0; round < 100; round++)
            {
                foreach (string name in names)
                    found += store.Find(name) is null ? 0 : 1;
            }
        });
        Assert.Equal(Count * 100, found);
        return found / took.TotalSeconds;
    }

    private static async Task<TimeSpan> HandshakesAsync(CertificateStore store)
    {
        var began = Spent();
        for (int i = 0; i < Handshakes; i++)
        {
            string host = Host(i);
            var (toServer, toClient) = (new Pipe(), new Pipe());
            await using var server = new SslStream(new Duplex(toServer.Reader.AsStream(), toClient.Writer.AsStream()));
            await using var client = new SslStream(new Duplex(toClient.Reader.AsStream(), toServer.Writer.AsStream()));
            var serving = server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = store.Find(host)!.Context });
            await client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = host,
                RemoteCertificateValidationCallback = static (_, _, _, errors) => (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None,
            });
            await serving;
        }
        return (Spent() - began) / Handshakes;
    }

    private static TimeSpan Timed(Action action)
    {
        var began = Spent();
        action();
        return Spent() - began;
    }

    // Of processors, not of the clock: the same whoever else uses the machine.
    private static TimeSpan Spent()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    private static long Resident()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }

    private void Say(string what, TimeSpan took) => Say(what, $"{took.TotalMilliseconds:N3} ms of processor time");

    private void Say(string what, string value) => output.WriteLine($"{what}: {value}");

    private sealed class Duplex(Stream reads, Stream writes) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => writes.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => writes.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => reads.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => reads.ReadAsync(buffer, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => writes.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => writes.WriteAsync(buffer, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            reads.Dispose();
            writes.Dispose();
            base.Dispose(disposing);
        }
    }
}
