using System.Globalization;
using System.Text.Json.Nodes;
using Weir.Accuracy.Scores;

namespace Weir.Accuracy;

/// <summary>Writes figures as texts and as JSON.</summary>
internal static class Figures
{
    /// <summary>A share with its interval: <c>0.981 (0.974–0.987)</c>.</summary>
    public static string Text(this Share share)
    {
        if (share.Total == 0)
            return "–";
        var (low, high) = share.Interval;
        return Text(share.Value, low, high);
    }

    /// <summary>F1 with its interval.</summary>
    public static string F1Text(this Confusion confusion)
    {
        var (low, high) = confusion.F1Interval;
        return Text(confusion.F1, low, high);
    }

    /// <summary>A count with separators.</summary>
    public static string Text(this int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static JsonObject Json(this Share share)
    {
        var (low, high) = share.Interval;
        return new JsonObject
        {
            ["count"] = share.Count,
            ["total"] = share.Total,
            ["value"] = share.Total == 0 ? null : Math.Round(share.Value, 5),
            ["low"] = Math.Round(low, 5),
            ["high"] = Math.Round(high, 5),
        };
    }

    public static JsonObject Json(this Confusion confusion)
    {
        var (low, high) = confusion.F1Interval;
        return new JsonObject
        {
            ["truePositives"] = confusion.TruePositives,
            ["falsePositives"] = confusion.FalsePositives,
            ["falseNegatives"] = confusion.FalseNegatives,
            ["trueNegatives"] = confusion.TrueNegatives,
            ["precision"] = confusion.Precision.Json(),
            ["recall"] = confusion.Recall.Json(),
            ["falsePositiveRate"] = confusion.FalsePositiveRate.Json(),
            ["f1"] = Math.Round(confusion.F1, 5),
            ["f1Low"] = Math.Round(low, 5),
            ["f1High"] = Math.Round(high, 5),
        };
    }

    private static string Text(double value, double low, double high) =>
        string.Create(CultureInfo.InvariantCulture, $"{value:0.0000} ({low:0.000}–{high:0.000})");
}
