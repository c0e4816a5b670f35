namespace Weir.Scheduling.Selection;

/// <summary>Targets by the time at which to look at them next: the earliest first. Each is in it once or not at all; setting a time is O(log n).</summary>
/// <remarks>A heap of four children a node, with each target's place, so that a changed time moves it and leaves nothing behind; with lazy deletion each signal would.
/// 16 bytes a target. Of equal times the lower number comes first. Not safe from several threads at a time.</remarks>
internal sealed class DueHeap
{
    private const int Children = 4;

    private readonly int[] _targets;   // by place
    private readonly int[] _placeOf;   // of each target; -1 outside
    private readonly double[] _dueOf;

    public DueHeap(int targets)
    {
        (_targets, _placeOf, _dueOf) = (new int[targets], new int[targets], new double[targets]);
        Array.Fill(_placeOf, -1);
    }

    /// <summary>How many it holds.</summary>
    public int Count { get; private set; }

    /// <summary>The earliest target's time; infinite when it is empty.</summary>
    public double Earliest => Count == 0 ? double.PositiveInfinity : _dueOf[_targets[0]];

    /// <summary>A target's time; NaN when it is not in it.</summary>
    public double DueOf(int target) => _placeOf[target] < 0 ? double.NaN : _dueOf[target];

    /// <summary>Puts a target in, or gives it another time.</summary>
    public void Set(int target, double due)
    {
        int place = _placeOf[target];
        if (place < 0)
        {
            place = Count++;
            _targets[place] = target;
            _placeOf[target] = place;
        }
        _dueOf[target] = due;
        Down(Up(place));
    }

    /// <summary>Takes the earliest target out. Not when empty.</summary>
    public int Pop()
    {
        int target = _targets[0];
        Remove(target);
        return target;
    }

    /// <summary>Takes a target out, if it is in.</summary>
    public void Remove(int target)
    {
        int place = _placeOf[target];
        if (place < 0)
            return;
        _placeOf[target] = -1;
        int last = _targets[--Count];
        if (last == target)
            return;
        _targets[place] = last;
        _placeOf[last] = place;
        Down(Up(place));
    }

    private int Up(int place)
    {
        int target = _targets[place];
        while (place > 0)
        {
            int parent = (place - 1) / Children;
            if (!IsBefore(target, _targets[parent]))
                break;
            Move(_targets[parent], place);
            place = parent;
        }
        Move(target, place);
        return place;
    }

    private void Down(int place)
    {
        int target = _targets[place];
        while (true)
        {
            int first = (place * Children) + 1, best = -1;
            for (int child = first; child < Math.Min(first + Children, Count); child++)
            {
                if (best < 0 || IsBefore(_targets[child], _targets[best]))
                    best = child;
            }
            if (best < 0 || !IsBefore(_targets[best], target))
                break;
            Move(_targets[best], place);
            place = best;
        }
        Move(target, place);
    }

    private bool IsBefore(int a, int b) => _dueOf[a] < _dueOf[b] || (_dueOf[a] == _dueOf[b] && a < b);

    private void Move(int target, int place)
    {
        _targets[place] = target;
        _placeOf[target] = place;
    }
}
