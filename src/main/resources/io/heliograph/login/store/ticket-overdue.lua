-- Reads the overdue entries of the index, oldest first.
--
-- KEYS[1]  as in ticket-room.lua
-- ARGV[2]  integer the maximum number
-- Answer   {now, ticket…}

local overdue = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])
table.insert(overdue, 1, now)
return overdue
