namespace Weir.Proxy.Beacon;

/// <summary>What a report came to. Words are part of what users build alerts on.</summary>
internal enum BeaconOutcome : byte
{
    /// <summary>Not a report.</summary>
    None,

    /// <summary>A browser ran the script.</summary>
    Ran,

    /// <summary>It ran in a browser that says that a program drives it.</summary>
    Driven,

    /// <summary>It ran without a screen.</summary>
    NoScreen,

    /// <summary>The token is not this client's, too old, or made up; or the report is none.</summary>
    Refused,
}
