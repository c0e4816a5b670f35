using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Weir.Ladder.Load;

/// <summary>Requests at a fixed rate, whether or not the last ones were answered. A request's time counts from when it was due, so that a
/// server that stalls is charged for everybody who would have waited (no coordinated omission).</summary>
internal static class OpenLoad
{
    private static readonly byte[] EndOfHeaders = "\r\n\r\n"u8.ToArray();

    /// <summary>Sends for a while and returns each request's time in microseconds, sorted.</summary>
    /// <param name="port">Server on the loopback address.</param>
    /// <param name="requestFile">What is sent; see <see cref="RequestFile"/>.</param>
    /// <param name="rate">Requests a second over all connections.</param>
    /// <param name="seconds">For how long.</param>
    public static double[] Run(int port, string requestFile, double rate, int seconds)
    {
        byte[][] requests = [.. File.ReadLines(requestFile).Select(Text)];
        var time = TimeProvider.System;
        long begin = time.GetTimestamp() + (time.TimestampFrequency / 5);
        long count = (long)(rate * seconds);
        double interval = time.TimestampFrequency / rate;
        var threads = new List<(Thread Thread, List<double> Times)>();
        for (int i = 0; i < ClosedLoad.Connections; i++)
        {
            var times = new List<double>((int)(count / ClosedLoad.Connections) + 1);
            int first = i;
            var thread = new Thread(() => Send(port, requests, begin, interval, first, count, times), maxStackSize: 256 * 1024);
            threads.Add((thread, times));
            thread.Start();
        }
        threads.ForEach(t => t.Thread.Join());
        return [.. threads.SelectMany(t => t.Times).Order()];
    }

    private static void Send(int port, byte[][] requests, long begin, double interval, int first, long count, List<double> times)
    {
        var time = TimeProvider.System;
        byte[] buffer = new byte[64 * 1024];
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 10_000 };
        socket.Connect(IPAddress.Loopback, port);
        for (long n = first; n < count; n += ClosedLoad.Connections)
        {
            long due = begin + (long)(n * interval);
            SleepUntil(due);
            socket.Send(requests[n % requests.Length]);
            ReadAnswer(socket, buffer);
            times.Add(time.GetElapsedTime(due).TotalMicroseconds);
        }
    }

    private static byte[] Text(string line)
    {
        string[] fields = line.Split('\t');
        return Encoding.ASCII.GetBytes($"GET /pricing HTTP/1.1\r\nHost: {fields[2]}\r\nUser-Agent: {fields[0]}\r\nX-Forwarded-For: {fields[1]}\r\nAccept: text/html\r\nAccept-Language: en\r\n\r\n");
    }

    // The origin's answers all carry their length.
    private static void ReadAnswer(Socket socket, byte[] buffer)
    {
        int have = 0, whole = int.MaxValue;
        while (have < whole)
        {
            int read = socket.Receive(buffer, have, buffer.Length - have, SocketFlags.None);
            if (read == 0)
                throw new IOException("The server closed the connection.");
            have += read;
            int end = whole == int.MaxValue ? buffer.AsSpan(0, have).IndexOf(EndOfHeaders) : -1;
            if (end >= 0)
                whole = end + EndOfHeaders.Length + LengthOf(Encoding.ASCII.GetString(buffer, 0, end));
        }
    }

    private static int LengthOf(string headers)
    {
        const string Name = "content-length:";
        int at = headers.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? throw new IOException($"An answer without length came: {headers}") : int.Parse(headers.AsSpan(at + Name.Length).Trim()[..Digits(headers.AsSpan(at + Name.Length).Trim())]);
    }

    private static int Digits(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') is var end && end < 0 ? text.Length : end;

    // The kernel's own timer: .NET's sleeps in whole milliseconds.
    private static void SleepUntil(long due)
    {
        long wait = due - TimeProvider.System.GetTimestamp();
        if (wait > 0)
        {
            var span = new TimeSpec { Seconds = wait / 1_000_000_000, Nanoseconds = wait % 1_000_000_000 };
            _ = NanoSleep(span, 0);
        }
    }

    [DllImport("libc", EntryPoint = "nanosleep")]
    private static extern int NanoSleep(in TimeSpec wait, nint left);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
