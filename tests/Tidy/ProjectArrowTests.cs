using System.Xml.Linq;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using static ArchUnitNET.Fluent.ArchRuleDefinition;
using Assembly = System.Reflection.Assembly;

namespace Weir.Tidy;

/// <summary>The arrows between projects that ARCHITECTURE.md draws: none other may appear, in a project file or in code.</summary>
public class ProjectArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Detection"] = [],
        ["Ingest"] = ["Detection"],
        ["Control"] = ["Detection"],
        ["Delivery"] = ["Control", "Detection"],
        ["Proxy"] = ["Ingest", "Control", "Detection"],
        ["Scheduling"] = ["Delivery", "Ingest", "Control", "Detection"],
        ["Analytics.Api"] = ["Scheduling", "Delivery", "Ingest", "Control", "Detection"],
        ["Simulation"] = ["Scheduling", "Delivery", "Ingest", "Control", "Detection"],
        // A worker is a client of the HTTP API like any other's: it must need nothing of ours.
        ["Worker"] = [],
        ["Weir"] = ["Worker", "Analytics.Api", "Proxy", "Simulation", "Scheduling", "Delivery", "Ingest", "Control", "Detection"],
    };

    private static readonly Architecture Code = new ArchLoader()
        .LoadAssemblies([.. Allowed.Keys.Select(project => Assembly.Load(AssemblyName(project)))])
        .Build();

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_file_refers_only_to_the_allowed_projects(string project)
    {
        var references = XDocument.Parse(Repository.Read($"{project}/{project}.csproj"))
            .Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!));

        Assert.Empty(references.Except(Allowed[project]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Code_of_a_project_uses_only_the_allowed_projects(string project)
    {
        foreach (string other in Allowed.Keys.Except([project, .. Allowed[project]]))
        {
            var ours = Types().That().ResideInAssembly(Assembly.Load(AssemblyName(project)));
            var theirs = Types().That().ResideInAssembly(Assembly.Load(AssemblyName(other)));
            var rule = ours.Should().NotDependOnAny(theirs);

            Assert.True(rule.HasNoViolations(Code), $"{project} uses {other}: " +
                string.Join("; ", rule.Evaluate(Code).Where(r => !r.Passed).Select(r => r.Description).Take(5)));
        }
    }

    [Fact]
    public void The_arrow_check_sees_a_broken_arrow()
    {
        var weir = Types().That().ResideInAssembly(Assembly.Load(AssemblyName("Weir")));
        var detection = Types().That().ResideInAssembly(Assembly.Load(AssemblyName("Detection")));

        Assert.False(weir.Should().NotDependOnAny(detection).HasNoViolations(Code));
    }

    [Fact]
    public void Detection_knows_no_web_framework() =>
        Assert.DoesNotContain(Assembly.Load(AssemblyName("Detection")).GetReferencedAssemblies(),
            a => a.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));

    [Fact]
    public void Every_product_project_is_listed()
    {
        var projects = Repository.Files
            .Where(f => f.EndsWith(".csproj", StringComparison.Ordinal) && f.Count(c => c == '/') == 1)
            .Select(f => Path.GetFileNameWithoutExtension(f));

        Assert.Equal(Allowed.Keys.Order(), projects.Order());
    }

    [Fact]
    public void Benches_use_what_they_measure_and_nothing_uses_them()
    {
        var references = from file in Repository.Files
                         where file.EndsWith(".csproj", StringComparison.Ordinal)
                         from reference in XDocument.Parse(Repository.Read(file)).Descendants("ProjectReference")
                         select (From: file, To: (string)reference.Attribute("Include")!);
        var ofBenches = references.Where(r => r.From.StartsWith("bench/", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(ofBenches);
        // TestKit starts the PostgreSQL that the queue is measured on, as the tests do.
        Assert.All(ofBenches, r => Assert.Contains(Path.GetFileNameWithoutExtension(r.To), new[] { "Detection", "Ingest", "Proxy", "Scheduling", "Analytics.Api", "Worker", "Reporting", "TestKit" }));
        Assert.DoesNotContain(references, r => r.To.Contains("bench/", StringComparison.Ordinal) && r.From != "tests/Bench.Tests/Bench.Tests.csproj");
    }

    private static string AssemblyName(string project) => project == "Weir" ? "weir" : $"Weir.{project}";
}
