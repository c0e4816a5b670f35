using System.Diagnostics;
using System.Globalization;

namespace Weir.Ladder.Arms;

/// <summary>A rung of the ladder: this program again, which serves as plain YARP or with some of Weir's steps.</summary>
/// <param name="step">What it does; see <see cref="Serving.Step"/>.</param>
internal sealed class Rung(Serving.Step step) : Arm(step.ToString().ToLowerInvariant())
{
    /// <inheritdoc/>
    public override bool NeedsWarmUp => true;

    /// <inheritdoc/>
    protected override Process Launch(ArmSetup setup, string log) => Tool.StartToWarmUp(log, typeof(Rung).Assembly.Location,
        "--serve", step.ToString(), Port.ToString(CultureInfo.InvariantCulture), setup.OriginPort.ToString(CultureInfo.InvariantCulture),
        setup.Sites.ToString(CultureInfo.InvariantCulture));
}
