-- Remembers that a browser was written everything up to here. It never goes back.
--
-- KEYS[1]  the log's hash, as in log.lua
-- ARGV[1]  string  epoch
-- ARGV[2]  integer offset
-- Answer   1 when it went on

local saved = redis.call('HMGET', KEYS[1], 'e', 'h', 'd')
local offset = tonumber(ARGV[2])
if saved[1] == ARGV[1] and offset <= tonumber(saved[2]) and offset > tonumber(saved[3]) then
  redis.call('HSET', KEYS[1], 'd', ARGV[2])
  return 1
end
return 0
