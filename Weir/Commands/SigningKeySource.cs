using Weir.Detection.Identification;
using Weir.Detection.Identification.Signatures;

namespace Weir.Commands;

/// <summary>Where <c>weir classify</c> takes signers' keys from: a file, their directories, or nowhere.</summary>
internal sealed class SigningKeySource : IAsyncDisposable
{
    // A command judges what it is given, however much that is.
    private static readonly WebBotAuthOptions Unhurried = new() { ChecksPerSecond = int.MaxValue };

    private readonly SignatureDirectories? _directories;

    private SigningKeySource(ISigningKeys? keys, SignatureDirectories? directories)
    {
        _directories = directories;
        Check = keys is null ? null : new WebBotAuth(keys, TimeProvider.System, Unhurried);
    }

    /// <summary>Checks signatures; null where none are judged.</summary>
    public ISignatureCheck? Check { get; }

    /// <exception cref="CommandException">The file cannot be read or is no key set.</exception>
    public static SigningKeySource Open(string? file, bool fetches)
    {
        if (file is not null)
            return new SigningKeySource(Read(file), null);
        if (!fetches)
            return new SigningKeySource(null, null);
        // Whoever gives the flag names the agent too, by the request.
        var directories = new SignatureDirectories(new() { AnyAgent = true }, _ => false, TimeProvider.System);
        return new SigningKeySource(new Awaited(directories), directories);
    }

    /// <summary>Gives up what is being fetched.</summary>
    public ValueTask DisposeAsync() => _directories?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static SigningKeyFile Read(string file)
    {
        byte[] json;
        try
        {
            json = File.ReadAllBytes(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CommandException($"--signature-keys: '{TerminalText.Clean(file)}' cannot be read. Name a file that this account can read.", error);
        }
        return SigningKeyFile.Read(json, out string? wrong) ?? throw new CommandException($"{TerminalText.Clean(file)}: {wrong}");
    }

    // The edge never waits for keys; a command that was told to fetch them does.
    private sealed class Awaited(SignatureDirectories directories) : ISigningKeys
    {
        public bool Covers(string agent) => directories.Covers(agent);

        public KeyState Find(string agent, string thumbprint, out SigningKey? key)
        {
            var state = directories.Find(agent, thumbprint, out key);
            if (state != KeyState.UnderWay)
                return state;
            directories.WhenIdleAsync().GetAwaiter().GetResult();
            return directories.Find(agent, thumbprint, out key);
        }
    }
}
