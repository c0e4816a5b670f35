using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Weir.Ingest.Schema;

/// <summary>One numbered .sql file of the schema, as built into this program.</summary>
/// <param name="Number">From 1, without gaps.</param>
/// <param name="Name">File name without folder and ending, such as <c>0001_hits</c>.</param>
/// <param name="Sql">Its text; <c>{db}</c> stands for the database.</param>
internal sealed partial record Migration(int Number, string Name, string Sql)
{
    /// <summary>Every migration of this program, in order.</summary>
    public static IReadOnlyList<Migration> All { get; } = Load(typeof(Migration).Assembly);

    /// <summary>SHA-256 of the text in hex. Line ends do not count: git may change them.</summary>
    public string Checksum => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    /// <summary>Its statements, with <c>{db}</c> for the database.</summary>
    public List<string> Statements => SqlStatements.Split(Sql);

    /// <summary>The statements for one database.</summary>
    /// <param name="database">A name that <see cref="SchemaMigrator"/> has checked: it goes into the text as it is.</param>
    public List<string> StatementsFor(string database) =>
        SqlStatements.Split(Sql.Replace("{db}", database, StringComparison.Ordinal));

    private static List<Migration> Load(Assembly assembly)
    {
        List<Migration> found = [];
        foreach (string resource in assembly.GetManifestResourceNames())
        {
            if (FileName().Match(resource) is not { Success: true } match)
                continue;
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            found.Add(new Migration(int.Parse(match.Groups["number"].ValueSpan), match.Groups["name"].Value, reader.ReadToEnd()));
        }
        found.Sort((a, b) => a.Number.CompareTo(b.Number));
        return found;
    }

    [GeneratedRegex(@"\.(?<name>(?<number>\d{4})_[^.]+)\.sql$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex FileName();
}
