namespace Weir.Micro.Operations;

/// <summary>One thing that is measured. The benchmarks and the allocation test run the same ones.</summary>
public abstract class Operation
{
    /// <summary>Its name: unique, and the key of allocations.json and micro.json.</summary>
    public abstract string Name { get; }

    /// <summary>What it and its peers do; they are reported side by side.</summary>
    public abstract string Group { get; }

    /// <summary>Whether it is Weir's; else it is a plain way to do the same.</summary>
    public abstract bool IsOurs { get; }

    /// <summary>Nanoseconds that it must stay below and those that are aimed for; 0 where nothing is asked.</summary>
    public abstract (int Must, int Aim) Asked { get; }

    /// <summary>How often <see cref="RunBatch"/> does it.</summary>
    public abstract int PerBatch { get; }

    /// <summary>Makes what it works on; the same at every call.</summary>
    public abstract void SetUp();

    /// <summary>Does it <see cref="PerBatch"/> times. Returns something that depends on every result, so that none can be left out.</summary>
    public abstract long RunBatch();

    /// <summary>Lets go of what it worked on.</summary>
    public abstract void Release();

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>The work of an operation. A struct, so that the compiler makes a loop of its own for each.</summary>
internal interface IWork
{
    /// <summary>How often a batch does it: fewer times when it is slow.</summary>
    static virtual int PerBatch => 1024;

    /// <summary>Makes what it works on.</summary>
    void SetUp();

    /// <summary>Does it once; <paramref name="i"/> rises with every call.</summary>
    int Once(int i);
}

/// <summary>An operation made of a struct's work.</summary>
internal sealed class Operation<TWork>(string group, string name, bool isOurs, (int Must, int Aim) asked, TWork blank) : Operation
    where TWork : struct, IWork
{
    private readonly TWork _blank = blank;
    private TWork _work;
    private int _next;

    public override string Name => name;

    public override string Group => group;

    public override bool IsOurs => isOurs;

    public override (int Must, int Aim) Asked => asked;

    public override int PerBatch => TWork.PerBatch;

    public override void SetUp()
    {
        _next = 0;
        _work = _blank;
        _work.SetUp();
    }

    public override long RunBatch()
    {
        long sum = 0;
        int first = _next;
        for (int i = first; i < first + TWork.PerBatch; i++)
            sum += _work.Once(i);
        _next = first + TWork.PerBatch & 0x3FFF_FFFF;
        return sum;
    }

    public override void Release() => _work = default;
}
