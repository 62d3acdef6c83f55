-- What every script of the logins begins with; it is put before each of them. One clock decides: this server's.
--
-- ARGV[1]  integer ms that count as now; '' this server's own
--
-- Each answer is a list that begins with the time it was made at, in ms.

local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
