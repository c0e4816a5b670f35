namespace Weir.Ingest;

/// <summary>Takes what sites serve as robots.txt.</summary>
public interface IRobotsSink
{
    /// <summary>Takes one sighting, or counts it as lost. Never waits, never throws. What says the same as the newest version of its host is
    /// stored no second time.</summary>
    bool TryWrite(RobotsSighting sighting);
}
