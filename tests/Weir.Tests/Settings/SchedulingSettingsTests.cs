namespace Weir.Tests.Settings;

public class SchedulingSettingsTests
{
    [Theory]
    [InlineData("{}", 90, 400)]
    [InlineData("""{ "scheduling": { "retentionDays": 30 } }""", 30, 400)]
    [InlineData("""{ "scheduling": { "retentionDays": 1000 } }""", 1000, 1000)]
    [InlineData("""{ "scheduling": { "retentionDays": 30, "resultsDays": 60 } }""", 30, 60)]
    public void Triggers_and_results_are_kept_for_as_long_as_it_says(string json, int days, int resultsDays)
    {
        var scheduling = SettingsText.Read(json).Scheduling;
        Assert.Equal((days, resultsDays), (scheduling.Retention.TotalDays, scheduling.ResultsLife.TotalDays));
        Assert.Empty(scheduling.Errors());
    }

    [Theory]
    [InlineData("""{ "scheduling": { "retentionDays": 0 } }""", "scheduling.retentionDays: 0 is out of range. Write a number from 1 to 36500.")]
    [InlineData("""{ "scheduling": { "resultsDays": 60 } }""", "scheduling.resultsDays: Results would end before the scans that found them, which are kept for 90 days. Write 90 or more.")]
    public void A_wrong_setting_is_named_with_its_mend(string json, string error) =>
        Assert.Contains(error, Assert.Single(SettingsText.Errors(json)), StringComparison.Ordinal);
}
