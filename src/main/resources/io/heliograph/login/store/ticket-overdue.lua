-- Which places are overdue, oldest first.
--
-- KEYS[1]  as in ticket-room.lua
-- ARGV[2]  integer the most
-- Answer   {now, then the tickets}

local overdue = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])
table.insert(overdue, 1, now)
return overdue
