-- Sends a text to nodes, with the time, and answers which nodes there are to receive it.
--
-- KEYS[1]  sorted set: nodes by the ms, by this server's clock, at which their leases end
-- ARGV[1]  string  SPUBLISH or PUBLISH
-- ARGV[2]  string  where it is published: "<this server's ms>", a line feed, the text
-- ARGV[3]  string  the text
-- Answer   the names of the nodes whose leases are valid

local leases, publish, name, text = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local nodes = redis.call('ZRANGEBYSCORE', leases, '(' .. now, '+inf')
redis.call(publish, name, now .. '\n' .. text)
return nodes
