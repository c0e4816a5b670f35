using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Weir.Ingest.Embedded.Server;

/// <summary>ClickHouse's HTTP interface: authentication, sessions, and each error in ClickHouse's words.</summary>
internal sealed class QueryHandler(LanePool lanes, SessionTable sessions, ServerFacts server, byte[] token, TimeProvider time, ILogger log)
{
    readonly StatementRunner _runner = new(lanes);

    /// <summary>Answers one request.</summary>
    /// <exception cref="BrokenResultException">The one exception that it lets out: the web server is to close the connection.</exception>
    public async Task HandleAsync(HttpContext http)
    {
        if (IsPing(http.Request))
        {
            await http.Response.WriteAsync("Ok.\n");
            return;
        }
        using QueryResponse response = new(http, server, time);
        try
        {
            Authenticate(http.Request);
            if (!http.Request.Path.Equals("/", StringComparison.Ordinal))
                throw ClickHouseException.Of(60, "UNKNOWN_TABLE", "There is nothing at this path: queries go to /");
            await RunAsync(http, response);
        }
        catch (ClickHouseException e)
        {
            await FailAsync(http, response, e);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or BadHttpRequestException)
        {
            // The client went away or sent what is no HTTP; the statement has been stopped where there was one.
            if (e is BadHttpRequestException bad && !http.RequestAborted.IsCancellationRequested)
                await FailAsync(http, response, ClickHouseException.Of(36, "BAD_ARGUMENTS", bad.Message));
            else http.Abort();
        }
        catch (Exception e)
        {
            log.EmbeddedRequestFailed(e);
            await FailAsync(http, response, ClickHouseException.Of(1001, "STD_EXCEPTION", e.Message));
        }
    }

    static async Task FailAsync(HttpContext http, QueryResponse response, ClickHouseException error)
    {
        try
        {
            await response.FailAsync(error);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            http.Abort();
        }
    }

    static bool IsPing(HttpRequest request) =>
        request.Path.Equals("/ping", StringComparison.Ordinal)
        || (request.Path.Equals("/", StringComparison.Ordinal) && !HttpMethods.IsPost(request.Method) && !request.Query.ContainsKey("query"));

    async Task RunAsync(HttpContext http, QueryResponse response)
    {
        CancellationToken stop = http.RequestAborted;
        QueryRequest request = await QueryRequest.ReadAsync(http.Request);
        response.Request = request;
        using RequestBody body = new(http.Request, request);
        InsertStatement statement = await body.ReadStatementAsync(stop);
        if (statement.Kind == TextKind.LocalFile) throw StatementRunner.LocalFiles();
        if (request.SessionId is null)
        {
            Lane lane = await lanes.TakeAsync(stop);
            try
            {
                await RunAsync(lane, request, statement, body, response, stop);
            }
            finally
            {
                lanes.Return(lane);
            }
            return;
        }
        Session session = sessions.Take(request.SessionId, request.SessionTimeout, request.SessionMustExist);
        try
        {
            await RunAsync(session.Lane, request, statement, body, response, stop);
        }
        finally
        {
            sessions.Return(session, request.ClosesSession);
        }
    }

    async Task RunAsync(
        Lane lane, QueryRequest request, InsertStatement statement, RequestBody body, QueryResponse response, CancellationToken stop)
    {
        // The engine forgets a stream's parameters once it has begun, so rows that name them go with their statement; the
        // check that it is one statement, by the parser that will run it, stands before that too.
        bool rowsNameParameters = request.Parameters.Count > 0 && statement.Format == "Values";
        if (statement.Kind == TextKind.InsertWithData && !rowsNameParameters)
        {
            await _runner.InsertAsync(lane, request, statement, body, response, stop);
            return;
        }
        await body.ReadAllAsync(stop);
        await _runner.QueryAsync(lane, request, body.Text, response, stop);
    }

    void Authenticate(HttpRequest request)
    {
        (string user, string password) = Credentials(request);
        bool isRight = CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(password)), SHA256.HashData(token));
        if (!isRight || user is not ("" or "default"))
        {
            throw ClickHouseException.Of(516, "AUTHENTICATION_FAILED",
                "default: Authentication failed: password is incorrect, or there is no user with such name");
        }
    }

    static (string User, string Password) Credentials(HttpRequest request)
    {
        if (request.Headers.TryGetValue("X-ClickHouse-Key", out var key))
            return (request.Headers["X-ClickHouse-User"].ToString(), key.ToString());
        if (AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)
            && string.Equals(header.Scheme, "Basic", StringComparison.OrdinalIgnoreCase))
        {
            byte[] plain = new byte[header.Parameter?.Length ?? 0];
            if (Convert.TryFromBase64String(header.Parameter ?? "", plain, out int count))
            {
                string[] pair = Encoding.UTF8.GetString(plain, 0, count).Split(':', 2);
                return (pair[0], pair.Length > 1 ? pair[1] : "");
            }
        }
        return (request.Query["user"].ToString(), request.Query["password"].ToString());
    }
}
