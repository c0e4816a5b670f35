using System.Collections.Frozen;
using System.Text;
using Weir.Detection.Identification.Signatures;

namespace Weir.Detection;

/// <summary>The kebab-case names of the enums in tables, APIs and output: <c>likely-human</c>, <c>ai-training</c>, <c>not-claimed</c>.</summary>
public static class Names
{
    private static readonly string[] Kinds = All<VerdictKind>();
    private static readonly string[] Purposes = All<Purpose>();
    private static readonly string[] Identities = All<Identity>();
    private static readonly string[] Methods = All<IdentityMethod>();
    private static readonly string[] Referrals = All<ReferralClass>();
    private static readonly string[] Reasons = All<Reason>();
    private static readonly string[] PolicyActions = All<PolicyAction>();
    private static readonly string[] SignatureResults = All<SignatureResult>();
    private static readonly string[] DirectoryResults = All<DirectoryResult>();
    private static readonly FrozenDictionary<string, Purpose> PurposesByName =
        Enum.GetValues<Purpose>().ToFrozenDictionary(p => Kebab(p.ToString()), StringComparer.Ordinal);

    /// <summary>Every purpose, for error messages.</summary>
    public static string AllPurposes { get; } = string.Join(", ", Purposes.Skip(1));

    /// <summary>The stored name.</summary>
    public static string ToName(this VerdictKind kind) => Kinds[(int)kind];

    /// <summary>The stored name.</summary>
    public static string ToName(this Purpose purpose) => Purposes[(int)purpose];

    /// <summary>The stored name.</summary>
    public static string ToName(this Identity identity) => Identities[(int)identity];

    /// <summary>The stored name.</summary>
    public static string ToName(this IdentityMethod method) => Methods[(int)method];

    /// <summary>The stored name.</summary>
    public static string ToName(this ReferralClass referral) => Referrals[(int)referral];

    /// <summary>The stored name.</summary>
    public static string ToName(this Reason reason) => Reasons[(int)reason];

    /// <summary>The stored name.</summary>
    public static string ToName(this PolicyAction action) => PolicyActions[(int)action];

    /// <summary>The name that counters use.</summary>
    public static string ToName(this SignatureResult result) => SignatureResults[(int)result];

    /// <summary>The name that counters use.</summary>
    public static string ToName(this DirectoryResult result) => DirectoryResults[(int)result];

    /// <summary>Reads a purpose's name.</summary>
    public static bool TryParsePurpose(string name, out Purpose purpose) => PurposesByName.TryGetValue(name, out purpose);

    private static string[] All<T>() where T : struct, Enum
    {
        var values = Enum.GetValues<T>();
        var names = new string[Convert.ToInt32(values[^1]) + 1];
        foreach (var value in values)
            names[Convert.ToInt32(value)] = Kebab(value.ToString());
        return names;
    }

    private static string Kebab(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (char c in name)
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > 0)
                text.Append('-');
            text.Append(char.ToLowerInvariant(c));
        }
        return text.ToString();
    }
}
