-- Notes that the client has everything up to an offset. It never goes back.
--
-- KEYS[1]  hash    the log, as in log.lua
-- ARGV[1]  string  epoch
-- ARGV[2]  integer offset
-- Answer   1 when it went on

local log, epoch, offset = KEYS[1], ARGV[1], tonumber(ARGV[2])
local saved = redis.call('HMGET', log, 'e', 'h', 'd')
if saved[1] == epoch and offset <= tonumber(saved[2]) and offset > tonumber(saved[3]) then
  redis.call('HSET', log, 'd', ARGV[2])
  return 1
end
return 0
