using Weir.Scheduling.Suggestions;

namespace Weir.Scheduling.Tests.Suggestions;

/// <summary>Twenty pages of a made-up brand, and thirty questions with the pages that answer them, decided before any was searched for. Ten have no answer.</summary>
internal static class Corpus
{
    public const string Brand = "Tidewater";

    public static IReadOnlyList<IndexedPage> Pages { get; } =
    [
        Page("/", "Tidewater: invoices that send themselves", "Tidewater writes, sends and chases invoices for small companies. Connect your bank, and payments are matched while you sleep. Trusted by 8,000 studios, shops and trades. Start free for 30 days."),
        Page("/pricing", "Pricing and plans | Tidewater", "Pick a plan. Solo costs 9 euros a month, Team 29 euros a month for five seats, and Business 79 euros. Yearly billing saves two months. No setup fee, cancel at any time. Discounts for charities and students."),
        Page("/features/recurring-invoices", "Recurring invoices | Tidewater", "Bill retainers and subscriptions on a schedule. Recurring invoices go out weekly, monthly or by your own calendar, with the right tax and the next number. Pause a schedule when a customer is away."),
        Page("/features/payment-reminders", "Payment reminders and late fees | Tidewater", "Polite reminders follow an overdue invoice by mail and text message. Add late fees and interest by law. Stop chasing customers by telephone: most overdue bills are paid after the second reminder."),
        Page("/features/bank-reconciliation", "Bank reconciliation | Tidewater", "Transactions come in from 2,300 banks by open banking every night. Tidewater matches each transfer with its invoice, splits partial payments, and shows what is still open."),
        Page("/features/multi-currency", "Invoices in many currencies | Tidewater", "Bill in dollars, pounds, yen or 60 other currencies at the exchange rate of the European Central Bank. Gains and losses from exchange rates are booked for you."),
        Page("/features/time-tracking", "Time tracking for projects | Tidewater", "Track hours with a timer on your phone or desktop. Put billable hours on the invoice with a click, by project, task or person. Export timesheets for clients."),
        Page("/integrations/shopify", "Shopify integration | Tidewater", "Connect your Shopify store: each order becomes an invoice with its tax, refunds become credit notes, and stock stays where it is. Setup takes five minutes and needs no developer."),
        Page("/integrations/datev", "DATEV-Schnittstelle | Tidewater", "Buchungen und Belege gehen mit einem Klick an DATEV. Ihr Steuerberater bekommt Rechnungen, Zahlungen und Konten im richtigen Kontenrahmen SKR03 oder SKR04. Kein Export von Hand."),
        Page("/integrations/stripe", "Stripe payments | Tidewater", "Take card payments and direct debit with Stripe. A payment link stands on every invoice; fees are booked on their own account. Payouts are matched with invoices."),
        Page("/security", "Security and data protection | Tidewater", "Data is encrypted at rest and in transit and stays in Frankfurt. ISO 27001 certified, two-factor sign-in for all, penetration tests every year. Report a vulnerability to our security team."),
        Page("/legal/gdpr", "GDPR and data processing agreement | Tidewater", "We process personal data by Article 28. Sign the data processing agreement online. List of subprocessors, deletion after 30 days, and how to ask for what is stored about you."),
        Page("/help/import-customers", "Import customers from a spreadsheet | Help", "Upload a CSV or Excel file with your customers. Map its columns to name, address and VAT number, look at the preview, and import. Duplicates are found by e-mail address."),
        Page("/help/cancel-subscription", "Cancel your subscription | Help", "Open settings, then billing, and choose cancel. Your data stays readable for a year and can be exported as a ZIP file. We refund the unused months of a yearly plan."),
        Page("/help/e-rechnung", "E-Rechnung: XRechnung und ZUGFeRD erstellen | Hilfe", "Seit 2025 müssen Unternehmen elektronische Rechnungen empfangen. So erstellen Sie mit Tidewater eine XRechnung oder ZUGFeRD-Datei mit Leitweg-ID für Behörden und prüfen sie vor dem Versand."),
        Page("/blog/dunning-letter-template", "Dunning letter template: how to write a first reminder | Blog", "A good dunning letter names the invoice, the amount and a date. Download our free template in English and German, with wording for the first, second and last notice before court."),
        Page("/blog/freelancer-taxes", "Taxes for freelancers: a calendar for the year | Blog", "When is VAT due, what can freelancers deduct, and how much should you put aside? A calendar with all deadlines for sole traders, and a checklist for the tax return."),
        Page("/customers/harbour-studio", "How Harbour Studio gets paid nine days earlier | Customers", "Harbour Studio, an architecture office with twelve people in Hamburg, sends 140 invoices a month. With reminders and payment links its customers pay nine days earlier than before."),
        Page("/compare/quickbooks", "Tidewater compared with QuickBooks", "How do Tidewater and QuickBooks differ? QuickBooks does full accounting and payroll; Tidewater does invoices, reminders and bank matching with less to learn. See features side by side, and move your data in a day."),
        Page("/ja/pricing", "料金プラン | Tidewater", "請求書の作成と送付を自動化します。個人プランは月額九百円、チームプランは月額二千九百円です。無料お試し期間は三十日間。いつでも解約できます。"),
    ];

    public static IReadOnlyList<(string Query, string[] Answers)> Queries { get; } =
    [
        ("how much does tidewater cost per month", ["/pricing"]),
        ("tidewater pricing for teams", ["/pricing"]),
        ("tidewater discount for charities", ["/pricing"]),
        ("how to set up recurring invoices", ["/features/recurring-invoices"]),
        ("software that sends payment reminders for overdue invoices", ["/features/payment-reminders"]),
        ("can I charge late fees on an invoice", ["/features/payment-reminders"]),
        ("match bank transfers with invoices", ["/features/bank-reconciliation"]),
        ("invoice in several currencies with exchange rates", ["/features/multi-currency"]),
        ("track billable hours and put them on an invoice", ["/features/time-tracking"]),
        ("shopify invoice integration", ["/integrations/shopify"]),
        ("DATEV Schnittstelle für Rechnungen", ["/integrations/datev"]),
        ("does tidewater work with stripe", ["/integrations/stripe"]),
        ("is tidewater ISO 27001 certified", ["/security"]),
        ("tidewater data processing agreement", ["/legal/gdpr"]),
        ("import customers from excel", ["/help/import-customers"]),
        ("how do I cancel my tidewater subscription", ["/help/cancel-subscription"]),
        ("XRechnung erstellen mit Leitweg-ID", ["/help/e-rechnung"]),
        ("dunning letter template german", ["/blog/dunning-letter-template"]),
        ("tidewater vs quickbooks", ["/compare/quickbooks"]),
        ("請求書 料金プラン", ["/ja/pricing"]),
        ("best accounting app for restaurants with payroll", []),
        ("what does a heat pump cost", []),
        ("tidewater careers berlin", []),
        ("who is the founder of tidewater", []),
        ("how to file a patent in japan", []),
        ("tidewater android tablet offline mode", []),
        ("cheapest flights from hamburg to lisbon", []),
        ("invoice factoring companies for trucking", []),
        ("does tidewater have a public API with webhooks", []),
        ("xero migration guide", []),
    ];

    private static IndexedPage Page(string path, string title, string text) =>
        new(new PageKey("tidewater", "www.tidewater.example", path), title, text, (ulong)path.GetHashCode(StringComparison.Ordinal));
}
