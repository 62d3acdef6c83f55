-- Tells nodes something, with the time, and answers who there is to hear it.
--
-- KEYS[1]  sorted set: nodes by the ms, by this server's clock, at which their leases end
-- ARGV[1]  string  SPUBLISH or PUBLISH
-- ARGV[2]  string  where it is told: "<this server's ms>", a line feed, the text
-- ARGV[3]  string  the text
-- Answer   the names of the nodes whose leases are valid

local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local nodes = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')
redis.call(ARGV[1], ARGV[2], now .. '\n' .. ARGV[3])
return nodes
