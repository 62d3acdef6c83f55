-- Reads the overdue entries of the index, oldest first.
--
-- KEYS[1]  sorted set  as in ticket-room.lua
-- ARGV[1]  as in time.lua
-- ARGV[2]  integer the maximum number
-- Answer   {now, ticket…}

local open, most = KEYS[1], ARGV[2]
local overdue = redis.call('ZRANGEBYSCORE', open, '-inf', now, 'LIMIT', 0, most)
table.insert(overdue, 1, now)
return overdue
