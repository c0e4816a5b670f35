namespace Weir.Worker.Engines;

/// <summary>What an engine said.</summary>
/// <param name="Text">Its words, as it wrote them: hostile text.</param>
/// <param name="Links">URLs that it named as its sources beside its words, in its order; at most <see cref="AnswerShape.LinksMax"/>.</param>
/// <param name="Model">The model that answered.</param>
/// <param name="AskedAt">When it was asked.</param>
/// <param name="IsCut">Whether it ended at a limit of the engine's rather than at its end.</param>
public sealed record EngineAnswer(string Text, IReadOnlyList<string> Links, string Model, DateTimeOffset AskedAt, bool IsCut);
