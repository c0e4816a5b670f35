using System.Text.Json;
using Weir.Detection.Places;

namespace Weir.Detection.Lines;

/// <summary>Writes verdicts as JSON: the form that <c>weir classify</c> promises. Names may be added, never changed.</summary>
public static class VerdictJson
{
    private static readonly JsonEncodedText[] ReasonNames = EncodeReasons();

    private static readonly JsonEncodedText
        Kind = JsonEncodedText.Encode("kind"), Automated = JsonEncodedText.Encode("automated"), Crawler = JsonEncodedText.Encode("crawler"),
        Operator = JsonEncodedText.Encode("operator"), Purpose = JsonEncodedText.Encode("purpose"), Identity = JsonEncodedText.Encode("identity"),
        Method = JsonEncodedText.Encode("identityMethod"), RangeList = JsonEncodedText.Encode("rangeList"), Score = JsonEncodedText.Encode("score"),
        Confidence = JsonEncodedText.Encode("confidence"), Reasons = JsonEncodedText.Encode("reasons"), Referral = JsonEncodedText.Encode("referral"),
        ReferralSource = JsonEncodedText.Encode("referralSource"), Sentences = JsonEncodedText.Encode("sentences"),
        Evidence = JsonEncodedText.Encode("evidence"), ReasonName = JsonEncodedText.Encode("reason"), Weight = JsonEncodedText.Encode("weight"),
        Sentence = JsonEncodedText.Encode("sentence"), CountryName = JsonEncodedText.Encode("country"), WouldChange = JsonEncodedText.Encode("wouldChange");

    /// <summary>Writes one object. Without sentences it allocates nothing of its own.</summary>
    /// <param name="writer">Where to; an object is begun and ended.</param>
    /// <param name="verdict">What to say.</param>
    /// <param name="withSentences">Whether each reason is also said in words for people, in the same order, with its weight, and what would change the verdict.</param>
    /// <param name="country">Where the client is; left out when unknown.</param>
    public static void Write(Utf8JsonWriter writer, in Verdict verdict, bool withSentences = false, Country country = default)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString(Kind, verdict.Kind.ToName());
        writer.WriteBoolean(Automated, verdict.IsAutomated);
        writer.WriteString(Crawler, verdict.Crawler?.Id);
        writer.WriteString(Operator, verdict.Crawler?.Operator);
        writer.WriteString(Purpose, verdict.Purpose.ToName());
        writer.WriteString(Identity, verdict.Identity.ToName());
        writer.WriteString(Method, verdict.IdentityMethod.ToName());
        writer.WriteString(RangeList, verdict.RangeList);
        writer.WriteNumber(Score, verdict.Score);
        writer.WriteNumber(Confidence, Math.Round((double)verdict.Confidence, 3));
        writer.WriteStartArray(Reasons);
        foreach (var reason in verdict.Reasons)
            writer.WriteStringValue(ReasonNames[(int)reason]);
        writer.WriteEndArray();
        writer.WriteString(Referral, verdict.ReferralClass.ToName());
        writer.WriteString(ReferralSource, verdict.ReferralSource);
        if (country.IsKnown)
            writer.WriteString(CountryName, country.Code);
        if (withSentences)
            WriteSentences(writer, verdict);
        writer.WriteEndObject();
    }

    private static void WriteSentences(Utf8JsonWriter writer, in Verdict verdict)
    {
        writer.WriteStartArray(Sentences);
        foreach (var reason in verdict.Reasons)
            writer.WriteStringValue(ReasonText.For(reason, verdict));
        writer.WriteEndArray();
        writer.WriteStartArray(Evidence);
        foreach (var reason in verdict.Reasons)
        {
            writer.WriteStartObject();
            writer.WriteString(ReasonName, ReasonNames[(int)reason]);
            writer.WriteNumber(Weight, Math.Round(VerdictEvidence.WeightOf(reason, verdict), 2));
            writer.WriteString(Sentence, ReasonText.For(reason, verdict));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteString(WouldChange, VerdictEvidence.WhatWouldChange(verdict));
    }

    private static JsonEncodedText[] EncodeReasons()
    {
        var names = new JsonEncodedText[64];
        foreach (var reason in Enum.GetValues<Reason>())
            names[(int)reason] = JsonEncodedText.Encode(reason.ToName());
        return names;
    }
}
