-- Says that a node is there, and who else is. A node that does not say so again is gone when its lease ends.
--
-- KEYS[1]  sorted set: nodes by the ms, by this server's clock, at which their leases end
-- ARGV[1]  string  the node's name
-- ARGV[2]  integer ms that the lease lasts; 0: the node goes
-- Answer   {this server's ms, as text; the number of nodes}

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
if ARGV[2] == '0' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return {string.format('%.0f', now), redis.call('ZCARD', KEYS[1])}
