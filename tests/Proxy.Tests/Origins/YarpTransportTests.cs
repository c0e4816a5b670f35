using Microsoft.Extensions.DependencyInjection;
using Weir.Proxy.Origins;

namespace Weir.Proxy.Tests.Origins;

/// <summary>YARP's forwarder keeps the contract.</summary>
public sealed class YarpTransportTests : OriginTransportContract
{
    protected override void Use(IServiceCollection services) => services.AddSingleton<IOriginTransport, YarpTransport>();
}
