using System.Reflection;

namespace Weir.Analytics.Api.Tests.Support;

internal static class Repository
{
    /// <summary>Folder of the dashboard's sources.</summary>
    public static string Dashboard { get; } = Path.GetFullPath(
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "DashboardSources").Value!,
        AppContext.BaseDirectory);
}
