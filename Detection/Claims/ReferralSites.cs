using System.Collections.Frozen;

namespace Weir.Detection.Claims;

/// <summary>Hosts that send visitors. A host stands for itself and everything below it.</summary>
internal static class ReferralSites
{
    public static readonly FrozenDictionary<string, Referral> Hosts = Build(
        (ReferralClass.Ai, "chatgpt", ["chatgpt.com", "chat.openai.com"]),
        (ReferralClass.Ai, "perplexity", ["perplexity.ai", "perplexity.com"]),
        (ReferralClass.Ai, "claude", ["claude.ai", "claude.com"]),
        (ReferralClass.Ai, "gemini", ["gemini.google.com", "bard.google.com", "notebooklm.google.com", "notebooklm.google", "aistudio.google.com"]),
        (ReferralClass.Ai, "copilot", ["copilot.microsoft.com", "copilot.cloud.microsoft", "m365.cloud.microsoft", "edgeservices.bing.com", "copilot.com"]),
        (ReferralClass.Ai, "grok", ["grok.com", "x.ai"]),
        (ReferralClass.Ai, "meta-ai", ["meta.ai"]),
        (ReferralClass.Ai, "mistral", ["chat.mistral.ai", "mistral.ai"]),
        (ReferralClass.Ai, "deepseek", ["deepseek.com"]),
        (ReferralClass.Ai, "you", ["you.com"]),
        (ReferralClass.Ai, "duckassist", ["duck.ai"]),
        (ReferralClass.Ai, "kagi", ["assistant.kagi.com"]),
        (ReferralClass.Ai, "phind", ["phind.com"]),
        (ReferralClass.Ai, "poe", ["poe.com"]),
        (ReferralClass.Ai, "qwen", ["chat.qwen.ai", "qwen.ai", "tongyi.com", "tongyi.aliyun.com"]),
        (ReferralClass.Ai, "kimi", ["kimi.com", "kimi.ai", "kimi.moonshot.cn"]),
        (ReferralClass.Ai, "doubao", ["doubao.com"]),
        (ReferralClass.Ai, "ernie", ["yiyan.baidu.com", "chat.baidu.com"]),
        (ReferralClass.Ai, "chatglm", ["chatglm.cn", "chat.z.ai"]),
        (ReferralClass.Ai, "iask", ["iask.ai"]),
        (ReferralClass.Ai, "andi", ["andisearch.com"]),
        (ReferralClass.Ai, "manus", ["manus.im"]),
        (ReferralClass.Ai, "liner", ["liner.com", "getliner.com"]),
        (ReferralClass.Ai, "felo", ["felo.ai"]),
        (ReferralClass.Ai, "genspark", ["genspark.ai"]),
        (ReferralClass.Ai, "pi", ["pi.ai"]),
        (ReferralClass.Ai, "character-ai", ["character.ai"]),
        (ReferralClass.Ai, "huggingface", ["hf.co"]),
        (ReferralClass.Search, "bing", ["bing.com"]),
        (ReferralClass.Search, "duckduckgo", ["duckduckgo.com", "duck.com"]),
        (ReferralClass.Search, "yahoo", ["search.yahoo.com", "search.yahoo.co.jp"]),
        (ReferralClass.Search, "yandex", ["ya.ru"]),
        (ReferralClass.Search, "baidu", ["baidu.com"]),
        (ReferralClass.Search, "ecosia", ["ecosia.org"]),
        (ReferralClass.Search, "qwant", ["qwant.com"]),
        (ReferralClass.Search, "startpage", ["startpage.com"]),
        (ReferralClass.Search, "brave", ["search.brave.com"]),
        (ReferralClass.Search, "kagi", ["kagi.com"]),
        (ReferralClass.Search, "seznam", ["search.seznam.cz", "seznam.cz"]),
        (ReferralClass.Search, "naver", ["search.naver.com", "naver.com"]),
        (ReferralClass.Search, "daum", ["search.daum.net"]),
        (ReferralClass.Search, "sogou", ["sogou.com"]),
        (ReferralClass.Search, "360", ["so.com"]),
        (ReferralClass.Search, "aol", ["search.aol.com"]),
        (ReferralClass.Search, "ask", ["ask.com"]),
        (ReferralClass.Search, "mojeek", ["mojeek.com"]),
        (ReferralClass.Search, "swisscows", ["swisscows.com"]),
        (ReferralClass.Search, "coccoc", ["coccoc.com"]),
        (ReferralClass.Search, "rambler", ["nova.rambler.ru"]),
        (ReferralClass.Search, "google", ["com.google.android.googlequicksearchbox"]),
        (ReferralClass.Social, "facebook", ["facebook.com", "fb.com", "fb.me"]),
        (ReferralClass.Social, "instagram", ["instagram.com"]),
        (ReferralClass.Social, "threads", ["threads.net", "threads.com"]),
        (ReferralClass.Social, "x", ["x.com", "twitter.com", "t.co"]),
        (ReferralClass.Social, "linkedin", ["linkedin.com", "lnkd.in"]),
        (ReferralClass.Social, "reddit", ["reddit.com"]),
        (ReferralClass.Social, "youtube", ["youtube.com", "youtu.be"]),
        (ReferralClass.Social, "tiktok", ["tiktok.com"]),
        (ReferralClass.Social, "pinterest", ["pinterest.com", "pin.it"]),
        (ReferralClass.Social, "vk", ["vk.com"]),
        (ReferralClass.Social, "whatsapp", ["whatsapp.com", "wa.me"]),
        (ReferralClass.Social, "telegram", ["t.me", "telegram.org"]),
        (ReferralClass.Social, "bluesky", ["bsky.app"]),
        (ReferralClass.Social, "mastodon", ["mastodon.social"]),
        (ReferralClass.Social, "hacker-news", ["news.ycombinator.com"]),
        (ReferralClass.Social, "weibo", ["weibo.com"]),
        (ReferralClass.Social, "quora", ["quora.com"]),
        (ReferralClass.Social, "discord", ["discord.com"]));

    /// <summary>What engines write as utm_source, besides their hosts.</summary>
    public static readonly FrozenDictionary<string, Referral> UtmNames = Build(
        (ReferralClass.Ai, "chatgpt", ["chatgpt", "openai", "openai.com"]),
        (ReferralClass.Ai, "perplexity", ["perplexity"]),
        (ReferralClass.Ai, "claude", ["claude", "anthropic"]),
        (ReferralClass.Ai, "gemini", ["gemini", "bard"]),
        (ReferralClass.Ai, "copilot", ["copilot"]),
        (ReferralClass.Ai, "grok", ["grok"]),
        (ReferralClass.Ai, "mistral", ["mistral", "lechat"]),
        (ReferralClass.Ai, "deepseek", ["deepseek"]),
        (ReferralClass.Ai, "meta-ai", ["meta-ai", "metaai"]),
        (ReferralClass.Ai, "duckassist", ["duckai"]),
        (ReferralClass.Ai, "phind", ["phind"]));

    private static FrozenDictionary<string, Referral> Build(params (ReferralClass Class, string Source, string[] Keys)[] groups) =>
        groups.SelectMany(g => g.Keys.Select(k => KeyValuePair.Create(k, new Referral(g.Class, g.Source))))
            .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
}

/// <summary>What sent a visitor.</summary>
/// <param name="Class">What sort of page.</param>
/// <param name="Source">Short name such as <c>chatgpt</c>; null for none and for other sites.</param>
internal readonly record struct Referral(ReferralClass Class, string? Source);
