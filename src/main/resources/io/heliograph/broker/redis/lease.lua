-- Renews a node's lease. A node that stops renewing it is gone when it ends.
--
-- KEYS[1]  sorted set: nodes by the ms, by this server's clock, at which their leases end
-- KEYS[2]  string: generation of the data; another one after it was flushed
-- ARGV[1]  string  the node's name
-- ARGV[2]  integer ms that the lease lasts; 0: the node leaves
-- ARGV[3]  string  a new generation, used when there is none
-- Answer   {this server's ms, as text; the number of nodes; the generation}

local leases, generation_key = KEYS[1], KEYS[2]
local node, length, fresh_generation = ARGV[1], ARGV[2], ARGV[3]
local known = redis.pcall('ZCARD', leases)
if type(known) == 'table' and known.err and string.find(known.err, 'WRONGTYPE', 1, true) then
  redis.call('DEL', leases)
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- The first write is one that Redis refuses when it is out of memory: the lease shows whether it takes messages.
if length == '0' then
  redis.call('ZREM', leases, node)
else
  redis.call('ZADD', leases, string.format('%.0f', now + length), node)
  redis.call('PEXPIRE', leases, length)
end
redis.call('ZREMRANGEBYSCORE', leases, '-inf', string.format('%.0f', now))
local generation = redis.pcall('GET', generation_key)
if type(generation) ~= 'string' then
  generation = fresh_generation
  redis.call('SET', generation_key, generation)
end
return {string.format('%.0f', now), redis.call('ZCARD', leases), generation}
