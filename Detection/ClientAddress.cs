using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Weir.Detection;

/// <summary>An IPv4 or IPv6 address as one 128-bit number, IPv4 mapped to <c>::ffff:0:0/96</c>. <c>default</c> means unknown.</summary>
public readonly record struct ClientAddress(UInt128 Value)
{
    private static readonly UInt128 MappedPrefix = (UInt128)0xFFFF << 32;

    /// <summary>Whether an address is known at all.</summary>
    public bool IsKnown => Value != UInt128.Zero;

    /// <summary>Whether this is an IPv4 address.</summary>
    public bool IsIPv4 => Value >> 32 == 0xFFFF;

    /// <summary>The IPv4 address as a number; meaningful only when <see cref="IsIPv4"/>.</summary>
    public uint IPv4 => (uint)Value;

    /// <summary>What windows count by: the whole IPv4 address, or the /64 of an IPv6 address.</summary>
    public UInt128 ClientKey => IsIPv4 ? Value : Value >> 64 << 64;

    /// <summary>Whether the address belongs to no one client by its nature: carrier-grade NAT (RFC 6598), a private network (RFC 1918, RFC
    /// 4193), link-local or loopback, as behind a proxy that is not trusted.</summary>
    public bool IsShared => IsIPv4
        ? IPv4 >> 22 == 0x644 >> 2 || IPv4 >> 24 is 10 or 127 || IPv4 >> 16 is 0xC0A8 or 0xA9FE || IPv4 >> 20 == 0xAC1
        : Value >> 121 == 0xFC >> 1 || Value >> 118 == 0xFE80 >> 6 || Value == UInt128.One;

    /// <summary>The address of an IPv4 number.</summary>
    public static ClientAddress FromIPv4(uint address) => new(MappedPrefix | address);

    /// <summary>The address of an <see cref="IPAddress"/>; allocates nothing.</summary>
    public static ClientAddress From(IPAddress? address)
    {
        if (address is null)
            return default;
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out int written))
            return default;
        return address.AddressFamily == AddressFamily.InterNetwork && written == 4
            ? FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : new ClientAddress(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    /// <summary>Reads an address without port or zone. Never throws, allocates nothing.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ClientAddress address)
    {
        address = default;
        if (text.IndexOf(':') < 0)
        {
            if (!AddressText.TryReadIPv4(text, out uint quad))
                return false;
            address = FromIPv4(quad);
            return true;
        }
        if (!AddressText.TryReadIPv6(text, out var value))
            return false;
        address = new ClientAddress(value);
        return true;
    }

    /// <summary>The address as an <see cref="IPAddress"/>, IPv4 unmapped; <see cref="IPAddress.IPv6Any"/> when unknown.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
        return new IPAddress(IsIPv4 ? bytes[12..] : bytes);
    }

    /// <inheritdoc/>
    public override string ToString() => IsKnown ? ToIPAddress().ToString() : "";
}
