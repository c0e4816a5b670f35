using Weir.Detection;
using Weir.Detection.Identification.Signatures;
using Weir.Detection.Signals;
using Weir.Settings;

namespace Weir.Hosting;

/// <summary>The edge's detector with what it asks beside its catalog. Disposed after the edge, so that no request finds it gone.</summary>
internal sealed class EdgeDetector : IAsyncDisposable
{
    private readonly SignatureDirectories _directories;

    private EdgeDetector(WeirSettings settings)
    {
        var catalog = Catalogs.Load();
        // Asked by the detector alone, so it is there by then; its catalog may be swapped for one that names others.
        _directories = new SignatureDirectories(settings.Signatures, agent => Detector!.Catalog.FindBySignatureAgent(agent) is not null, TimeProvider.System);
        Detector = new Detector(catalog, new ClientWindows())
        {
            Signatures = new WebBotAuth(_directories, TimeProvider.System),
            Behaviour = settings.Behaviour,
        };
    }

    /// <summary>Classifies requests; keeps what each client does.</summary>
    public Detector Detector { get; }

    /// <exception cref="CommandException">The catalog or a range list is wrong; the message says where.</exception>
    public static EdgeDetector Create(WeirSettings settings) => new(settings);

    /// <summary>Gives up fetches under way.</summary>
    public ValueTask DisposeAsync() => _directories.DisposeAsync();
}
