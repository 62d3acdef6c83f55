-- The time, put before every script of the login stores. The clock of this Redis server decides.
--
-- ARGV[1]  integer the time to use (ms); '' for this server's own
-- Answer   of each script that follows: a list that begins with the time in ms

local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
