namespace Weir.Tidy;

public class SkeletonTests
{
    [Fact]
    public void Runs() => Assert.True(true);
}
