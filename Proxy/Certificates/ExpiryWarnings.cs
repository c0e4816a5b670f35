using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Weir.Proxy.Certificates;

/// <summary>Says once at 30, 14, 7 and 1 days that a certificate ends, and when it has ended.</summary>
internal sealed class ExpiryWarnings(ILogger log)
{
    private static readonly int[] Days = [0, 1, 7, 14, 30];

    // Days said last, for as long as the certificate is in use.
    private readonly ConditionalWeakTable<SiteCertificate, StrongBox<int>> _said = [];

    /// <summary>Says what has come due.</summary>
    public void Check(IReadOnlyList<SiteCertificate> certificates, DateTimeOffset now)
    {
        foreach (var certificate in certificates)
        {
            int step = StepOf(certificate, now);
            if (step == int.MaxValue)
                continue;
            var said = _said.GetValue(certificate, static _ => new StrongBox<int>(int.MaxValue));
            if (step >= said.Value)
                continue;
            said.Value = step;
            if (step == 0)
                log.CertificateExpired(certificate.Place, certificate.Names[0], certificate.NotAfter);
            else
                log.CertificateExpires(step, certificate.Place, certificate.Names[0], certificate.NotAfter);
        }
    }

    // A certificate of six days is no news at seven: a step counts within the last third of a certificate's life.
    private static int StepOf(SiteCertificate certificate, DateTimeOffset now)
    {
        var left = certificate.NotAfter - now;
        var third = (certificate.NotAfter - certificate.NotBefore) / 3;
        foreach (int days in Days)
        {
            var step = TimeSpan.FromDays(days);
            if (left <= step && step <= third)
                return days;
        }
        return int.MaxValue;
    }
}
