using Microsoft.Extensions.Logging;

namespace Weir.Proxy;

/// <summary>What the edge logs. Ids 4000–4999, fixed and never reused: people build alerts on them. No client address and no user agent.</summary>
public static partial class Log
{
    /// <summary>A defect of the edge.</summary>
    [LoggerMessage(4000, LogLevel.Error, "Request {RequestId} failed inside the edge.")]
    public static partial void RequestFailed(this ILogger log, string requestId, Exception exception);

    /// <summary>First failed connection to an origin in a row.</summary>
    [LoggerMessage(4001, LogLevel.Warning, "Origin {Origin} cannot be reached ({Error}). It is tried again after a pause; other origins serve meanwhile.")]
    public static partial void OriginDown(this ILogger log, Uri origin, string error);

    /// <summary>An origin answers after failures.</summary>
    [LoggerMessage(4002, LogLevel.Information, "Origin {Origin} answers again.")]
    public static partial void OriginUp(this ILogger log, Uri origin);

    /// <summary>Sites were read again and are in force.</summary>
    [LoggerMessage(4003, LogLevel.Information, "{Sites} sites are in force, read again from {File}.")]
    public static partial void SitesReloaded(this ILogger log, int sites, string file);

    /// <summary>Sites were read again and refused.</summary>
    [LoggerMessage(4004, LogLevel.Error, "{File} was changed but is not in force; the last good sites are still served. {Errors}")]
    public static partial void SitesRefused(this ILogger log, string file, string errors);

    /// <summary>A setting changed that needs a restart.</summary>
    [LoggerMessage(4005, LogLevel.Warning, "{File}: {Settings} changed; this takes effect after a restart. Sites are in force at once.")]
    public static partial void RestartNeeded(this ILogger log, string file, string settings);

    /// <summary>The background reader has a defect; the page is passed over.</summary>
    [LoggerMessage(4006, LogLevel.Error, "A page that a crawler fetched was not read, by a defect of the reader. Please report it.")]
    public static partial void ContentNotRead(this ILogger log, Exception error);

    /// <summary>Certificates were read at the start.</summary>
    [LoggerMessage(4020, LogLevel.Information, "{Certificates} certificates are in use, read from {Folder}.")]
    public static partial void CertificatesLoaded(this ILogger log, int certificates, string folder);

    /// <summary>Certificates were read again and are in force.</summary>
    [LoggerMessage(4021, LogLevel.Information, "{Changed} certificates were read and {Removed} removed; {Certificates} are in use, read from {Folder}.")]
    public static partial void CertificatesReloaded(this ILogger log, int changed, int removed, int certificates, string folder);

    /// <summary>A certificate's file is not in order.</summary>
    [LoggerMessage(4022, LogLevel.Error, "Certificate {File}: {What} {Mend} A good one that was in use before stays in use.")]
    public static partial void CertificateRefused(this ILogger log, string file, string what, string mend);

    /// <summary>The certificates' folder went away.</summary>
    [LoggerMessage(4023, LogLevel.Error, "Certificates cannot be looked at in {Folder}: {Why}. {Certificates} read before stay in use.")]
    public static partial void CertificateFolderLost(this ILogger log, string folder, string why, int certificates);

    /// <summary>The default host has no certificate.</summary>
    [LoggerMessage(4024, LogLevel.Warning, "No certificate in {Folder} is for the default host {Host}; clients that name no host are refused.")]
    public static partial void DefaultCertificateMissing(this ILogger log, string host, string folder);

    /// <summary>A certificate ends soon.</summary>
    [LoggerMessage(4025, LogLevel.Warning, "A certificate ends within {Days} days: {File} for {Host}, at {NotAfter:u}. Renew it; the new file is taken at once.")]
    public static partial void CertificateExpires(this ILogger log, int days, string file, string host, DateTimeOffset notAfter);

    /// <summary>A certificate has ended.</summary>
    [LoggerMessage(4026, LogLevel.Error, "A certificate has expired: {File} for {Host}, at {NotAfter:u}. It is still shown, and clients refuse it. Renew it.")]
    public static partial void CertificateExpired(this ILogger log, string file, string host, DateTimeOffset notAfter);

    /// <summary>A check found an origin ill.</summary>
    [LoggerMessage(4030, LogLevel.Warning, "Origin {Origin} failed its check {Path} {Times} times in a row ({Fault}). It gets no requests until it is healthy, while another is.")]
    public static partial void OriginUnhealthy(this ILogger log, Uri origin, string path, string fault, int times);

    /// <summary>A check found an origin well again.</summary>
    [LoggerMessage(4031, LogLevel.Information, "Origin {Origin} passes its check {Path} again and gets requests.")]
    public static partial void OriginHealthy(this ILogger log, Uri origin, string path);

    /// <summary>An origin's answers say that it is not well, or do not come.</summary>
    [LoggerMessage(4032, LogLevel.Warning, "Origin {Origin} answered {Times} times in a row with 502, 503 or 504, or not in time. It is tried again after a pause; other origins serve meanwhile.")]
    public static partial void OriginFailing(this ILogger log, Uri origin, int times);

    /// <summary>An origin's name leads where it may not.</summary>
    [LoggerMessage(4033, LogLevel.Error, "Origin {Origin} was not asked: its name leads to private addresses only. If that is meant, write \"privateOrigins\": true for its site, or the address itself.")]
    public static partial void OriginPrivate(this ILogger log, Uri origin);

    /// <summary>An origin has too much to do; told once a minute at most.</summary>
    [LoggerMessage(4034, LogLevel.Warning, "Origin {Origin} is hard pressed: {RecentMs} ms to an answer, {UsualMs} ms as usual, {Requests} requests under way. Crawlers and other programs get 503 until it recovers.")]
    public static partial void OriginPressed(this ILogger log, Uri origin, int recentMs, int usualMs, int requests);

    /// <summary>The watch of robots.txt has a defect; the file is passed over.</summary>
    [LoggerMessage(4081, LogLevel.Error, "A robots.txt file was served and not kept, by a defect of the edge. Please report it.")]
    internal static partial void RobotsNotKept(this ILogger log, Exception error);

    /// <summary>An origin's robots.txt cannot be had.</summary>
    [LoggerMessage(4080, LogLevel.Warning, "The robots.txt of site {Site}, host {Host}, cannot be read from its origin: {Why}. {Meanwhile}; it is asked again every half minute.")]
    internal static partial void OriginRobotsNotRead(this ILogger log, string site, string host, string why, string meanwhile);

    /// <summary>This machine has no QUIC.</summary>
    [LoggerMessage(4027, LogLevel.Warning, "HTTP/3 is not offered: this machine has no usable libmsquic. HTTP/1.1 and HTTP/2 are. Install libmsquic to offer it.")]
    public static partial void Http3Missing(this ILogger log);

    /// <summary>The challenge folder is not there and cannot be made.</summary>
    [LoggerMessage(4060, LogLevel.Warning, "The challenge folder {Folder} cannot be made: {Why}. Make it, or ACME clients cannot write their answers there.")]
    public static partial void ChallengeFolderMissing(this ILogger log, string folder, string why);

    /// <summary>A certificate was revoked. Repeated with each answer that says so.</summary>
    [LoggerMessage(4061, LogLevel.Critical, "A certificate is REVOKED: {File} for {Host}, since {RevokedAt:u}. Clients that look refuse it. Have another issued, with a new key, at once.")]
    public static partial void CertificateRevoked(this ILogger log, string file, string host, DateTimeOffset revokedAt);

    /// <summary>An authority does not know its certificate.</summary>
    [LoggerMessage(4062, LogLevel.Warning, "The authority of {File} for {Host} does not know the certificate, says {Responder}. One just issued may take it an hour; else have another issued.")]
    public static partial void CertificateUnknown(this ILogger log, string file, string host, Uri responder);

    /// <summary>A responder gives no answer that can be believed.</summary>
    [LoggerMessage(4063, LogLevel.Warning, "The OCSP responder {Responder} says nothing of use about {File} for {Host}: {Why}. It is asked again; this machine must be able to reach it by HTTP.")]
    public static partial void ResponderUnreachable(this ILogger log, Uri responder, string file, string host, string why);

    /// <summary>A responder answers after failures.</summary>
    [LoggerMessage(4064, LogLevel.Information, "The OCSP responder {Responder} answers again about {File}.")]
    public static partial void ResponderAnswers(this ILogger log, Uri responder, string file);

    /// <summary>A certificate names a responder in a private network.</summary>
    [LoggerMessage(4067, LogLevel.Error, "The OCSP responder {Responder} of {File} for {Host} was not asked: it leads into a private network, and the URL is the certificate's own. If the authority is yours, set certificates.privateOcsp to true.")]
    public static partial void ResponderPrivate(this ILogger log, Uri responder, string file, string host);

    /// <summary>A certificate is in use although clients may stumble on it.</summary>
    [LoggerMessage(4065, LogLevel.Warning, "Certificate {File} is in use, but: {What} {Mend}")]
    public static partial void CertificateDoubtful(this ILogger log, string file, string what, string mend);

    /// <summary>A host has several certificates.</summary>
    [LoggerMessage(4066, LogLevel.Information, "{Host} has more than one certificate: {File} is shown, {Other} is not. Remove the one that you do not want.")]
    public static partial void CertificateDouble(this ILogger log, string host, string file, string other);

    /// <summary>A connection of a listener with PROXY protocol did not begin as it must. Said once for each reason.</summary>
    [LoggerMessage(4070, LogLevel.Warning,
        "A connection to {Listener}, which expects the PROXY protocol, was closed: {Reason}. Name the balancer in trustedProxies and let it send the header, or take proxy-protocol off the listener. More of these are counted only (weir.edge.refused).")]
    public static partial void ProxyHeaderRefused(this ILogger log, string listener, string reason);

    /// <summary>Limits are shared, at the start or again.</summary>
    [LoggerMessage(4090, LogLevel.Information, "Limits are shared with other edges through Redis at {Servers}.")]
    public static partial void LimitsShared(this ILogger log, string servers);

    /// <summary>Limits are this edge's alone, although they should be shared.</summary>
    [LoggerMessage(4091, LogLevel.Warning, "Limits are counted by this edge alone: Redis at {Servers} is of no use ({Result}: {Why}). Requests go on; it is tried again all the time.")]
    public static partial void LimitsNotShared(this ILogger log, string servers, string result, string why);

    /// <summary>A file of countries or networks is in use.</summary>
    [LoggerMessage(4092, LogLevel.Information, "Places are known by {Intervals} intervals of addresses, read from {File}.")]
    public static partial void PlacesRead(this ILogger log, int intervals, string file);

    /// <summary>A file of countries or networks cannot be used.</summary>
    [LoggerMessage(4093, LogLevel.Error, "{File} cannot be used: {Why} {Instead} Put a whole file in its place; it is read again when it changes.")]
    public static partial void PlacesRefused(this ILogger log, string file, string why, string instead);

    /// <summary>A kept answer past its time could not be fetched anew, by a defect.</summary>
    [LoggerMessage(4110, LogLevel.Error, "A kept answer past its time was not fetched anew, by a defect of the edge (request {RequestId}). Please report it.")]
    public static partial void RefreshFailed(this ILogger log, Exception fault, string requestId);
}
