-- Renews a node's lease. A node that stops renewing it is gone when it ends.
--
-- KEYS[1]  sorted set: nodes by the ms, by this server's clock, at which their leases end
-- KEYS[2]  string: generation of the data; another one after it was flushed
-- ARGV[1]  string  the node's name
-- ARGV[2]  integer ms that the lease lasts; 0: the node leaves
-- ARGV[3]  string  a new generation, used when there is none
-- Answer   {this server's ms, as text; the number of nodes; the generation}

local known = redis.pcall('ZCARD', KEYS[1])
if type(known) == 'table' and known.err and string.find(known.err, 'WRONGTYPE', 1, true) then
  redis.call('DEL', KEYS[1])
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- The first write is one that Redis refuses when it is out of memory: the lease shows whether it takes messages.
if ARGV[2] == '0' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
local generation = redis.pcall('GET', KEYS[2])
if type(generation) ~= 'string' then
  generation = ARGV[3]
  redis.call('SET', KEYS[2], generation)
end
return {string.format('%.0f', now), redis.call('ZCARD', KEYS[1]), generation}
