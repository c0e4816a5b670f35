using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Weir.Control.Tests;

/// <summary>What every store of certificates must do.</summary>
public abstract class StoredCertificatesContract
{
    protected const string Chain = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n";
    protected const string Key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    /// <summary>The key file of all users.</summary>
    protected abstract CertificateKeyFile KeyFile { get; }

    /// <summary>A user of the store that the test shares; each call is another program.</summary>
    protected abstract Task<IStoredCertificates> NewCertificatesAsync();

    /// <summary>Every byte that the store has written.</summary>
    protected abstract Task<byte[]> BytesAsync();

    [Fact]
    public async Task A_certificate_is_found_as_it_was_added_and_changes_raise_one_version()
    {
        var certificates = await NewCertificatesAsync();
        Assert.Equal(0, await certificates.VersionAsync());
        Assert.Null(await certificates.FindAsync("a.example"));

        var first = await certificates.PutAsync("a.example", Chain, Key);
        var second = await certificates.PutAsync("*.b.example", Chain, Key + "\n");

        Assert.Equal(new StoredCertificate(first, Chain, Key), await (await NewCertificatesAsync()).FindAsync("a.example"));
        Assert.Equal([second, first], await certificates.ListAsync());
        Assert.Equal((1, 2, 2), (first.Version, second.Version, await certificates.VersionAsync()));
        Time.Advance(TimeSpan.FromDays(1));
        var again = await certificates.PutAsync("a.example", Chain + Chain, Key);
        Assert.Equal((3, Time.GetUtcNow()), (again.Version, again.Changed));
        Assert.Equal(Chain + Chain, (await certificates.FindAsync("a.example"))?.Chain);
        Assert.True(await certificates.RemoveAsync("a.example"));
        Assert.False(await certificates.RemoveAsync("a.example"));
        Assert.Equal([second], await certificates.ListAsync());
        Assert.True(await certificates.VersionAsync() > 3);
    }

    [Fact]
    public async Task A_private_key_is_nowhere_in_the_store_as_it_was_given()
    {
        var certificates = await NewCertificatesAsync();
        await certificates.PutAsync("a.example", Chain, Key);
        string all = Encoding.Latin1.GetString(await BytesAsync());
        Assert.Contains("MA==", all);
        Assert.DoesNotContain("c2VjcmV0", all);
        Assert.DoesNotContain("PRIVATE KEY", all);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile.Path));
    }

    [Fact]
    public async Task A_wrong_or_missing_key_is_named_for_each_certificate_and_those_of_the_right_key_open()
    {
        var certificates = await NewCertificatesAsync();
        await certificates.PutAsync("a.example", Chain, Key);
        string kept = File.ReadAllText(KeyFile.Path);

        File.Delete(KeyFile.Path);
        Assert.Contains("no key file", await SaysAsync(() => certificates.FindAsync("a.example")));
        Assert.Contains("1 certificates or secrets that were sealed", await SaysAsync(() => certificates.PutAsync("b.example", Chain, Key)));
        Assert.Equal(1, await certificates.VersionAsync());

        File.WriteAllText(KeyFile.Path, new string('0', 64));
        await certificates.PutAsync("b.example", Chain, Key);
        Assert.Contains("'a.example' cannot be opened", await SaysAsync(() => certificates.FindAsync("a.example")));
        Assert.NotNull(await certificates.FindAsync("b.example"));
        File.WriteAllText(KeyFile.Path, "short");
        Assert.Contains("no key of 32 bytes", await SaysAsync(() => certificates.FindAsync("b.example")));

        File.WriteAllText(KeyFile.Path, kept);
        Assert.NotNull(await certificates.FindAsync("a.example"));
    }

    [Fact]
    public async Task A_sealed_key_opens_under_its_own_name_alone_and_not_when_a_byte_of_it_changed()
    {
        await (await NewCertificatesAsync()).PutAsync("a.example", Chain, Key);
        byte[] whole = KeyFile.Seal("a.example", Key);

        Assert.Equal(Key, KeyFile.Open("a.example", whole));
        Assert.Throws<ControlException>(() => KeyFile.Open("b.example", whole));
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] changed = [.. whole];
            changed[i] ^= 1;
            Assert.Throws<ControlException>(() => KeyFile.Open("a.example", changed));
            Assert.Throws<ControlException>(() => KeyFile.Open("a.example", whole[..i]));
        }
        Assert.NotEqual(whole, KeyFile.Seal("a.example", Key));
    }

    [Fact]
    public async Task Names_and_texts_have_their_bounds()
    {
        var certificates = await NewCertificatesAsync();
        foreach (string name in new[] { "", "a b", "../a", new string('a', 254), "é.example" })
            Assert.Contains("not a name", await SaysAsync(() => certificates.PutAsync(name, Chain, Key)));
        Assert.Contains("characters", await SaysAsync(() => certificates.PutAsync("a", new string('a', StoredCertificate.PemCharsMax + 1), Key)));
        Assert.False(File.Exists(KeyFile.Path));
    }

    [Fact]
    public async Task Programs_that_add_their_first_certificates_at_once_share_one_key()
    {
        var programs = new List<IStoredCertificates>();
        for (int i = 0; i < 4; i++)
            programs.Add(await NewCertificatesAsync());

        await Task.WhenAll(programs.Select((p, i) => Task.Run(() => p.PutAsync($"{i}.example", Chain, Key))));

        foreach (var entry in await programs[0].ListAsync())
            Assert.Equal(Key, (await programs[0].FindAsync(entry.Name))?.Key);
        Assert.Equal(4, await programs[0].VersionAsync());
    }

    private static async Task<string> SaysAsync(Func<Task> act) => (await Assert.ThrowsAsync<ControlException>(act)).Message;
}
