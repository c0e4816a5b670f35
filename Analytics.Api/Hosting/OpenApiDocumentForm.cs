using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Weir.Analytics.Api.Access;
using Weir.Detection;

namespace Weir.Analytics.Api.Hosting;

/// <summary>What the OpenAPI document says beside the endpoints themselves.</summary>
internal static class OpenApiDocumentForm
{
    private const string Bearer = "key";

    // Parameters that mean the same wherever they stand, and are not described there.
    private static readonly Dictionary<string, string> Everywhere = new(StringComparer.Ordinal)
    {
        ["site"] = "A site's id, as /v1/sites lists them.",
        ["crawler"] = "A crawler's id, such as gptbot.",
        ["cursor"] = "The 'next' of the answer before; nothing for the beginning.",
        ["limit"] = "Rows wanted.",
        ["id"] = "Its id, as the list gives it.",
    };

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Weir API",
                Version = "v1",
                Description = "Which crawlers read a site, which are spoofed, and what people AI answers send. Times are RFC 3339 in UTC; every " +
                    "refusal is an RFC 9457 problem whose 'next' says what to do.",
            };
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An API key: Authorization: Bearer KEY.",
            };
            return Task.CompletedTask;
        });
        // It is written as its text.
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(SiteId))
                (schema.Type, schema.Properties) = (JsonSchemaType.String, null);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<GivesTableForms>().Any())
                AddForms(operation);
            foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
            {
                if (string.IsNullOrEmpty(parameter.Description) && Everywhere.TryGetValue(parameter.Name ?? "", out string? text))
                    parameter.Description = text;
            }
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<ScopeRequirement>().LastOrDefault() is not { } needed)
                return Task.CompletedTask;
            operation.Description = $"Needs the scope {needed.Scope}.";
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
            return Task.CompletedTask;
        });
    }

    private static void AddForms(OpenApiOperation operation)
    {
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = TableFormats.Parameter,
            In = ParameterLocation.Query,
            Description = "Form of the answer, for links; it counts before Accept. JSON without it.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. TableFormats.ByName.Keys.Select(n => JsonValue.Create(n))] },
        });
        if (operation.Responses?.GetValueOrDefault("200")?.Content is not { } forms)
            return;
        Describe(TableFormats.CsvType, "RFC 4180 with a header row; texts that a spreadsheet would run begin with an apostrophe.");
        Describe(TableFormats.JsonLinesType, "One JSON object a line, with the columns of the CSV.");
        Describe(TableFormats.ParquetType, "An Apache Parquet file with the columns of the CSV, packed with Snappy.", "binary");

        void Describe(string type, string description, string? format = null)
        {
            if (forms.TryGetValue(type, out var form))
                form.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = format, Description = description };
        }
    }
}
