using System.Text;
using CsCheck;
using Weir.Detection.Identification.Signatures;

namespace Weir.Tests.IdentityOf.Signatures;

public class StructuredFieldTests
{
    [Theory]
    [InlineData("a=1", "a=1")]
    [InlineData("  a=1 ,\t b ", "a=1, b")]
    [InlineData("a=?1;x,b=?0", "a;x, b=?0")]
    [InlineData("""sig1=("@authority"  "signature-agent";key="a b" );created=1;keyid="x\"y\\z" """, """sig1=("@authority" "signature-agent";key="a b");created=1;keyid="x\"y\\z" """)]
    [InlineData("a=:aGk=:;p=tok/en:*", "a=:aGk=:;p=tok/en:*")]
    [InlineData("a=-0,b=007,c=1.50,d=-0.0,e=999999999999999", "a=0, b=7, c=1.5, d=0.0, e=999999999999999")]
    [InlineData("a=@1659578233;b=%\"f%c3%bc\"", "a=@1659578233;b=%\"f%c3%bc\"")]
    [InlineData("a=1,b=2,a=3", "a=3, b=2")]
    [InlineData("a=();b", "a=();b")]
    [InlineData("", "")]
    public void A_dictionary_is_read_and_written_in_one_form(string sent, string written)
    {
        Assert.True(StructuredFieldReader.TryReadDictionary(sent, out var members));
        Assert.Equal(written.TrimEnd(), Written(members));
    }

    [Theory]
    [InlineData("a=1,")]
    [InlineData("a=1 b=2")]
    [InlineData("A=1")]
    [InlineData("a=")]
    [InlineData("a=\"open")]
    [InlineData("a=\"\\x\"")]
    [InlineData("a=\"ü\"")]
    [InlineData("a=(1")]
    [InlineData("a=(\"x\"\"y\")")]
    [InlineData("a=(1\t2)")]
    [InlineData("a=:a GE=:")]
    [InlineData("a=:aGk=")]
    [InlineData("a=:====:")]
    [InlineData("a=?2")]
    [InlineData("a=1000000000000000")]
    [InlineData("a=1.")]
    [InlineData("a=1.2345")]
    [InlineData("a=1234567890123.0")]
    [InlineData("a=--1")]
    [InlineData("a=1;B=2")]
    [InlineData("a=@1.5")]
    [InlineData("a\0=1")]
    [InlineData("=1")]
    public void What_the_grammar_forbids_is_refused(string sent) => Assert.False(StructuredFieldReader.TryReadDictionary(sent, out _));

    [Fact]
    public void Counts_and_lengths_are_bounded()
    {
        Assert.False(StructuredFieldReader.TryReadDictionary(string.Join(',', Enumerable.Range(0, 17).Select(i => $"k{i}=1")), out _));
        Assert.False(StructuredFieldReader.TryReadDictionary($"a=({string.Join(' ', Enumerable.Repeat("1", 33))})", out _));
        Assert.False(StructuredFieldReader.TryReadDictionary($"a=1{string.Concat(Enumerable.Range(0, 17).Select(i => $";p{i}"))}", out _));
        Assert.False(StructuredFieldReader.TryReadDictionary($"a=\"{new string('x', StructuredFieldReader.MaxLength)}\"", out _));
        Assert.False(StructuredFieldReader.TryReadDictionary(null, out _));
    }

    [Fact]
    public void Any_text_is_read_or_refused_and_what_is_written_reads_the_same()
    {
        var pieces = Generators.Pick("sig1", "=", "(", ")", "\"@authority\"", "\"", ";", ",", " ", ":", "aGk=", "?1", "-", "1", ".5", "@", "%\"", "key=", "\\", "\t", "ü", "\0");
        var text = Gen.OneOf(Gen.String[0, 60], pieces.Array[0, 25].Select(string.Concat));
        text.Sample(sent =>
        {
            if (!StructuredFieldReader.TryReadDictionary(sent, out var members))
                return true;
            string written = Written(members);
            return StructuredFieldReader.TryReadDictionary(written, out var again) && Written(again) == written;
        });
    }

    private static string Written(IReadOnlyList<FieldMember> members)
    {
        var text = new StringBuilder();
        StructuredFieldText.Append(text, members);
        return text.ToString();
    }
}
