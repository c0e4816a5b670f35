using AngleSharp.Dom;

namespace Weir.Detection.Content;

/// <summary>Goes through a page's nodes in their order, without recursion: a hostile page nests deeper than a stack.</summary>
internal static class HtmlWalk
{
    /// <summary>Visits a node and all below it; below a node for which the visitor says false, none. Tells how deep it came.</summary>
    public static int Nodes(INode root, Func<INode, bool> visit)
    {
        // By index, since asking a node for its next sibling searches its parent from the start.
        var open = new Stack<(INodeList Children, int Next)>();
        int deepest = 0;
        if (visit(root))
            open.Push((root.ChildNodes, 0));
        while (open.TryPop(out var level))
        {
            if (level.Next == level.Children.Length)
                continue;
            open.Push((level.Children, level.Next + 1));
            deepest = Math.Max(deepest, open.Count);
            var node = level.Children[level.Next];
            if (visit(node) && node.ChildNodes.Length > 0)
                open.Push((node.ChildNodes, 0));
        }
        return deepest;
    }

    /// <summary>Every element below a node.</summary>
    public static List<IElement> Elements(INode root)
    {
        var found = new List<IElement>();
        Nodes(root, node =>
        {
            if (node is IElement element && node != root)
                found.Add(element);
            return true;
        });
        return found;
    }
}
