using Weir.Delivery;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Says what is wrong with channels, by their place, and makes destinations of them.</summary>
internal static class ChannelCheck
{
    private const int ChannelsMax = 10;

    /// <summary>The destinations, and the ids of those whose secret was made here.</summary>
    public static (IReadOnlyList<Destination> Destinations, IReadOnlySet<string> Made) Read(
        IReadOnlyList<ChannelBody>? given, IReadOnlyList<Destination> had, DeliveryOptions options, QueryCheck check)
    {
        List<Destination> destinations = [];
        var made = new HashSet<string>(StringComparer.Ordinal);
        if (given is not { Count: >= 1 and <= ChannelsMax } || given.Any(c => c is null))
            check.Error("channels", $"'channels' must be 1 to {ChannelsMax} objects, each with its kind.");
        else
        {
            for (int i = 0; i < given.Count; i++)
            {
                var at = new Place(given[i], $"channels[{i}]", options, check);
                if (at.Read(had, destinations) is { } read)
                    destinations.Add(read);
                if (at.IsSecretMade)
                    made.Add(destinations[^1].Id);
            }
        }
        return (destinations, made);
    }

    private sealed class Place(ChannelBody body, string path, DeliveryOptions options, QueryCheck check)
    {
        public bool IsSecretMade { get; private set; }

        public Destination? Read(IReadOnlyList<Destination> had, List<Destination> others)
        {
            var before = body.Id is null ? null : had.FirstOrDefault(d => d.Id == body.Id);
            if (body.Id is not null && (before is null || others.Any(o => o.Id == body.Id)))
                return Refuse("id", "is no channel of this alert, or named twice. Leave it out for a new channel");
            if (DestinationKinds.Find(body.Kind ?? before?.Kind.Name()) is not { } kind)
                return Refuse("kind", $"must be one of {string.Join(", ", DestinationKinds.All)}");
            if (before is not null && before.Kind != kind)
                return Refuse("kind", "cannot change. Leave the id out for a new channel");
            string? address = kind == DestinationKind.Email ? Mails(before) : Url(before);
            string? secret = Secret(kind, before);
            return address is null || secret is null ? null : new Destination(before?.Id ?? SqlDestinations.NewId("chn"), kind, address, secret);
        }

        private string? Url(Destination? before)
        {
            if (body.To is not null)
                Refuse("to", "is for email alone");
            if (body.Url is null && before is not null)
                return before.Address;
            if (TargetUrl.TryParse(body.Url, options, out _, out string? why))
                return body.Url;
            Refuse("url", why);
            return null;
        }

        private string? Mails(Destination? before)
        {
            if (body.Url is not null)
                Refuse("url", "is for webhook and slack alone");
            if (options.Smtp is null)
                Refuse("kind", "cannot be email: no mail server is set. Whoever runs this installation sets smtp in its settings");
            if (body.To is null && before is not null)
                return before.Address;
            if (body.To is { Count: >= 1 and <= Destination.MailAddressesMax } && body.To.All(MailSender.IsAddress))
                return string.Join(',', body.To);
            Refuse("to", $"must be 1 to {Destination.MailAddressesMax} mail addresses, such as ops@example.com");
            return null;
        }

        private string? Secret(DestinationKind kind, Destination? before)
        {
            if (kind != DestinationKind.Webhook)
            {
                if (body.Secret is not null)
                    Refuse("secret", "is for webhook alone");
                return "";
            }
            if (body.Secret is null)
            {
                IsSecretMade = before is null && !check.Failed(out _);
                return before?.Secret ?? WebhookSecret.New();
            }
            if (WebhookSecret.IsValid(body.Secret))
                return body.Secret;
            Refuse("secret", $"must be {WebhookSecret.Rule}");
            return null;
        }

        private Destination? Refuse(string member, string why)
        {
            check.Error($"{path}.{member}", $"'{path}.{member}' {why}.");
            return null;
        }
    }
}
