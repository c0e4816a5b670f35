using Microsoft.Extensions.Logging;

namespace Weir.Ingest;

/// <summary>Events 3000 to 3399 of this project (3400 on: the embedded ClickHouse). Numbers and names are never used again.</summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Warning, "Batch {Batch} ({Rows} rows) was not stored at attempt {Attempt}: {Why} Next attempt in {Wait}.")]
    public static partial void InsertFailed(this ILogger log, string batch, int rows, int attempt, string why, TimeSpan wait);

    [LoggerMessage(3001, LogLevel.Information, "Batch {Batch} is stored at attempt {Attempt}.")]
    public static partial void InsertRecovered(this ILogger log, string batch, int attempt);

    [LoggerMessage(3002, LogLevel.Warning, "Batch {Batch} was acknowledged and is not there, as after a crash of ClickHouse; it is stored in another way.")]
    public static partial void BatchNotFound(this ILogger log, string batch);

    [LoggerMessage(3003, LogLevel.Error, "{Refused} of {Rows} rows of batch {Batch} are lost: ClickHouse refuses them. {Why}")]
    public static partial void RowsRefused(this ILogger log, int refused, int rows, string batch, string why);

    [LoggerMessage(3004, LogLevel.Error,
        "ClickHouse refused the first {Refused} rows of batch {Batch} one by one, so the table is wrong and not the rows: {Why} "
        + "Nothing is lost yet; next attempt in {Wait}.")]
    public static partial void EveryRowRefused(this ILogger log, int refused, string batch, string why, TimeSpan wait);

    [LoggerMessage(3005, LogLevel.Error, "A hit of site {Site} is lost: its time ({TimeMs} ms) or a number in it cannot be stored.")]
    public static partial void HitNotEncodable(this ILogger log, string site, long timeMs);

    [LoggerMessage(3006, LogLevel.Debug, "The writer's report was not stored: {Why}")]
    public static partial void ReportFailed(this ILogger log, string why);

    [LoggerMessage(3007, LogLevel.Information, "Writer stopped: {Stored} hits stored, {Lost} lost since the start.")]
    public static partial void WriterStopped(this ILogger log, long stored, long lost);

    [LoggerMessage(3008, LogLevel.Information, "Applied {Count} migrations; the store has schema {Version}.")]
    public static partial void SchemaApplied(this ILogger log, int count, int version);

    [LoggerMessage(3009, LogLevel.Error, "The store's schema is not ready, and hits wait: {Why} Next attempt in {Wait}.")]
    public static partial void SchemaNotApplied(this ILogger log, string why, TimeSpan wait);

    [LoggerMessage(3010, LogLevel.Warning, "View {View} lacked batch {Batch}, as after a crash of ClickHouse, and is given it.")]
    public static partial void ViewMended(this ILogger log, string view, string batch);

    [LoggerMessage(3017, LogLevel.Warning, "View {View} had batch {Batch} twice, as after a crash of ClickHouse, and is made to have it once.")]
    public static partial void ViewTakenBack(this ILogger log, string view, string batch);

    [LoggerMessage(3012, LogLevel.Warning, "{Rows} late identities are not stored yet: {Why} They are tried again; hits are not concerned.")]
    public static partial void VerificationsNotStored(this ILogger log, int rows, string why);

    [LoggerMessage(3013, LogLevel.Error, "{Rows} late identities are lost: ClickHouse refuses them. {Why}")]
    public static partial void VerificationsRefused(this ILogger log, int rows, string why);

    [LoggerMessage(3014, LogLevel.Warning, "{Lost} late identities were lost since the start: the store was away, or there were too many at once.")]
    public static partial void VerificationsLost(this ILogger log, long lost);

    [LoggerMessage(3015, LogLevel.Warning, "{Rows} sightings of pages were not stored at attempt {Attempt}: {Why} Next attempt in {Wait}.")]
    public static partial void SightingsNotStored(this ILogger log, int rows, int attempt, string why, TimeSpan wait);

    [LoggerMessage(3016, LogLevel.Error, "{Rows} sightings of pages are lost: ClickHouse refuses them. {Why}")]
    public static partial void SightingsRefused(this ILogger log, int rows, string why);

    [LoggerMessage(3018, LogLevel.Warning, "A robots.txt file of site {Site} was not stored at attempt {Attempt}: {Why} Next attempt in {Wait}.")]
    public static partial void RobotsVersionNotStored(this ILogger log, string site, int attempt, string why, TimeSpan wait);

    [LoggerMessage(3019, LogLevel.Error, "A robots.txt file of site {Site} is lost: ClickHouse refuses it. {Why}")]
    public static partial void RobotsVersionRefused(this ILogger log, string site, string why);

    [LoggerMessage(3020, LogLevel.Warning, "ClickHouse takes no hits: {Why} They wait in {Folder} until it does; nothing is lost yet.")]
    public static partial void StoreAway(this ILogger log, string why, string folder);

    [LoggerMessage(3021, LogLevel.Information, "ClickHouse takes hits again; {Batches} batches on disk follow, oldest first.")]
    public static partial void StoreBack(this ILogger log, int batches);

    [LoggerMessage(3022, LogLevel.Information, "{Batches} batches ({Hits} hits) of an earlier run wait in {Folder} and are stored now.")]
    public static partial void SpoolFound(this ILogger log, int batches, long hits, string folder);

    [LoggerMessage(3023, LogLevel.Error, "No more batches can wait in {Folder}: {Why}. While ClickHouse is away, hits are lost and counted. "
        + "Bring ClickHouse back, free some space, or raise ingest.spoolBytesMax.")]
    public static partial void SpoolFull(this ILogger log, string folder, string why);

    [LoggerMessage(3024, LogLevel.Error, "{Path} is damaged: {What} cannot be read, and its hits are lost. Once its other batches are stored it is kept as {Name}: "
        + "check the disk, then delete it.")]
    public static partial void SpoolDamaged(this ILogger log, string path, string what, string name);

    [LoggerMessage(3025, LogLevel.Warning, "{Path} ended within a batch, as after a crash; it was cut at byte {Length}, where the last whole batch ends.")]
    public static partial void SpoolCut(this ILogger log, string path, long length);

    [LoggerMessage(3026, LogLevel.Error, "{Path} was written by a later Weir and is left alone. Start that version again to store its hits.")]
    public static partial void SpoolOfLaterVersion(this ILogger log, string path);

    [LoggerMessage(3027, LogLevel.Error, "A batch in {Path} cannot be read: {Why}")]
    public static partial void SpoolNotRead(this ILogger log, string path, string why);

    [LoggerMessage(3028, LogLevel.Warning, "{Path} could not be removed or its progress noted: {Why} Hits in it that are stored are found in the store, not stored twice.")]
    public static partial void SpoolNotTidied(this ILogger log, string path, string why);

    [LoggerMessage(3029, LogLevel.Error, "The folder {Folder}, where hits wait while ClickHouse is away, cannot be used: {Why}. They wait in memory only. "
        + "Give this user the right to it, then start again.")]
    public static partial void SpoolNotOpened(this ILogger log, string folder, string why);

    [LoggerMessage(3030, LogLevel.Warning, "ClickHouse takes hits too slowly: they wait in {Folder} meanwhile; nothing is lost.")]
    public static partial void StoreSlow(this ILogger log, string folder);

    [LoggerMessage(3031, LogLevel.Warning,
        "View {View} differed from the table in {Rows} rows, as after a crash of writer and store together; the difference was added.")]
    public static partial void ViewCheckMended(this ILogger log, string view, ulong rows);

    [LoggerMessage(3032, LogLevel.Warning, "Whether view {View} equals the table cannot be told: other writers are too busy. It is looked at again after the next crash.")]
    public static partial void ViewNotChecked(this ILogger log, string view);

    [LoggerMessage(3040, LogLevel.Error, "Hits wait in {Folder} for a store of another number of shards, and stay there. Start with the earlier clickhouse settings "
        + "until they are stored, then change these.")]
    public static partial void SpoolOfOtherShards(this ILogger log, string folder);

    [LoggerMessage(3042, LogLevel.Warning, "The secret that addresses are hashed with today cannot be kept in {Path}: {Why}. After a restart, clients of today are counted again.")]
    public static partial void SaltNotKept(this ILogger log, string path, string why);

    [LoggerMessage(3043, LogLevel.Error, "The secret that addresses were hashed with on an earlier day is still in {Path}: {Why}. Delete that file.")]
    public static partial void SaltNotDestroyed(this ILogger log, string path, string why);

    [LoggerMessage(3011, LogLevel.Warning,
        "Whether view {View} has batch {Batch} cannot be told: other writers are too busy, or it differed before. Its counts may differ.")]
    public static partial void ViewNotJudged(this ILogger log, string view, string batch);

    [LoggerMessage(3044, LogLevel.Warning, "{Rows} texts of pages were not stored at attempt {Attempt}: {Why} Next attempt in {Wait}.")]
    public static partial void PageTextsNotStored(this ILogger log, int rows, int attempt, string why, TimeSpan wait);

    [LoggerMessage(3045, LogLevel.Error, "{Rows} texts of pages are lost: ClickHouse refuses them. {Why}")]
    public static partial void PageTextsRefused(this ILogger log, int rows, string why);
}
