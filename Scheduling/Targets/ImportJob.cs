using Weir.Detection;

namespace Weir.Scheduling.Targets;

/// <summary>An import that runs beside its request, and how far it has come.</summary>
/// <param name="Id">Its number.</param>
/// <param name="State"><c>waiting</c>, <c>running</c>, <c>done</c> or <c>failed</c>.</param>
/// <param name="Bytes">Size of the upload, unpacked.</param>
/// <param name="Rows">Rows read so far.</param>
/// <param name="Created">Targets made.</param>
/// <param name="Linked">Targets that were there and got new pages, weights or topics.</param>
/// <param name="Unchanged">Targets that were there just so.</param>
/// <param name="Rejected">Rows refused; see its errors.</param>
/// <param name="RowsPerSecond">Rows read a second since it began; 0 while it waits.</param>
/// <param name="LastLine">The last line that is stored with all before it; a run that is resumed goes on behind it.</param>
/// <param name="Why">Why it failed, and where; null otherwise.</param>
/// <param name="CreatedAt">When the upload was there whole.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When it ended.</param>
public sealed record ImportJob(
    long Id, string State, long Bytes, long Rows, long Created, long Linked, long Unchanged, long Rejected, double RowsPerSecond, long LastLine,
    string? Why, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt);

/// <summary>What is wrong with a row of an import.</summary>
/// <param name="Id">Its number; the cursor of readers.</param>
/// <param name="Line">The row's line, from 1.</param>
/// <param name="Field">The field; empty for the row as a whole.</param>
/// <param name="Error">What is wrong and what to write instead.</param>
public sealed record ImportError(long Id, long Line, string Field, string Error);

/// <summary>An upload that was taken and is to be imported.</summary>
/// <param name="Tenant">Whose targets it makes.</param>
/// <param name="Sites">The only sites that it may link; null for all of the tenant's.</param>
/// <param name="DefaultSite">Site of rows that name none.</param>
/// <param name="Spool">Name of its file in the import folder.</param>
/// <param name="Bytes">Its size.</param>
public sealed record NewImport(string Tenant, IReadOnlyList<SiteId>? Sites, string? DefaultSite, string Spool, long Bytes);

/// <summary>An import that this machine has yet to end.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Import">The upload.</param>
/// <param name="LastLine">Rows up to this line are stored.</param>
internal sealed record OpenImport(long Id, NewImport Import, long LastLine);

/// <summary>What a step of an import adds.</summary>
internal sealed record ImportStep(long LastLine, int Rows, IReadOnlyList<NewTarget> Wishes, IReadOnlyList<RowError> Errors, int Rejected);
