-- Sends the requests of a file, one after another: user agent, client address and host of each line, parted by tabs.
local requests, next_one = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local agent, client, host = line:match("^(.-)\t(.-)\t(.*)$")
    requests[#requests + 1] = wrk.format("GET", "/pricing", {
      ["Host"] = host, ["User-Agent"] = agent, ["X-Forwarded-For"] = client, ["Accept"] = "text/html", ["Accept-Language"] = "en",
    })
  end
end

function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d\n", summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
