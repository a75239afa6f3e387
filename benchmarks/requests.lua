-- wrk's side: send the requests of a file in order, and print the result as one line of JSON.
-- wrk … -s requests.lua URL -- FILE [REQUESTS_PER_SECOND]
-- One request a line, tab-separated: method, path, bearer token, idempotency key, more headers (name=value|…), body.

local ffi = require("ffi")
ffi.cdef [[
  struct moment { long seconds; long nanoseconds; };
  int clock_gettime(int clock, struct moment *now);
]]

local requests, threads, per_millisecond, due = {}, {}, nil, nil
served = 0

local function milliseconds()
  local now = ffi.new("struct moment")
  ffi.C.clock_gettime(1, now)
  return tonumber(now.seconds) * 1000 + tonumber(now.nanoseconds) / 1e6
end

function setup(thread)
  table.insert(threads, thread)
end

-- With a rate, requests leave at fixed moments however slow the answers are (as far as the connections suffice).
local function pace()
  local now = milliseconds()
  due = math.max((due or now) + 1 / per_millisecond, now)
  return due - now
end

function init(arguments)
  for line in io.lines(arguments[1]) do
    local method, path, token, key, more, body =
      line:match("([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)")
    local headers = { ["Content-Type"] = "application/json", ["Accept"] = "application/json" }
    if token ~= "" then headers["Authorization"] = "Bearer " .. token end
    if key ~= "" then headers["Idempotency-Key"] = key end
    for name, value in more:gmatch("([^=|]+)=([^|]*)") do headers[name] = value end
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
  lines = #requests
  if arguments[2] then
    per_millisecond = tonumber(arguments[2]) / 1000
    delay = pace
  end
end

function request()
  served = served + 1
  return requests[(served - 1) % #requests + 1]
end

function done(summary, latency)
  local errors, used_up = summary.errors, 0
  for _, thread in ipairs(threads) do
    used_up = math.max(used_up, thread:get("served") - thread:get("lines"))
  end
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.6f, "errors": %d, "repeated": %d, "p50": %.3f, "p95": %.3f, "p99": %.3f}\n',
    summary.requests, summary.duration / 1e6, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    math.max(used_up, 0), latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000))
end
