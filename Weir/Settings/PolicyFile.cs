using Weir.Control;

namespace Weir.Settings;

/// <summary>Reads a file of rules alone: a list of them, an object with a list <c>policy</c>, or a whole site as <c>weir sites put</c> takes it.</summary>
internal static class PolicyFile
{
    /// <exception cref="CommandException">The file cannot be read or holds errors; every one is in the message, a line each.</exception>
    public static IReadOnlyList<PolicyRule> Read(string file)
    {
        byte[] utf8;
        try
        {
            utf8 = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{TerminalText.Clean(file)} cannot be read: {e.Message.TrimEnd('.')}. Name a file of rules: [{{ \"name\": …, \"action\": … }}].", e);
        }
        var errors = new SettingErrors();
        var root = PositionedJson.Read(utf8, Path.GetFileName(file), errors);
        if (root is { Kind: NodeKind.List })
        {
            var whole = new SettingNode(NodeKind.Object, root.At);
            whole.Set("policy", root.At, root);
            root = whole;
        }
        IReadOnlyList<PolicyRule> rules = [];
        if (root is not null)
        {
            bool isSite = root.Kind == NodeKind.Object && (root.Find("hosts") ?? root.Find("origins")) is not null;
            SettingChecks.Check(root, isSite ? SettingKey.Site : SettingKey.PolicyFile, "", errors);
            rules = PolicyBinder.Bind(new Section(root, "", errors));
        }
        return errors.All.Count == 0 ? rules : throw new CommandException(string.Join("\nweir: ", errors.All));
    }
}
