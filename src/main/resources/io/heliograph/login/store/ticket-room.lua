-- Adds the index entries of a new ticket unless the limit is reached. An open ticket counts until its deadline, every
-- ticket until it is deleted. The entries of a node that failed before it stored its ticket expire in the same way.
--
-- KEYS[1]  sorted set  open tickets by their deadline
-- KEYS[2]  sorted set  all tickets by when they are deleted
-- ARGV[1]  as in time.lua
-- ARGV[2]  string      ticket
-- ARGV[3]  integer     deadline (ms)
-- ARGV[4]  integer     when the ticket is deleted if it does not change (ms)
-- ARGV[5]  integer     the maximum number of open tickets; twice as many in total
-- Answer   {now, 1 when the entries were added}

local open, all = KEYS[1], KEYS[2]
local ticket, deadline, delete_at, most = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
redis.call('ZREMRANGEBYSCORE', all, '-inf', now)
if redis.call('ZCOUNT', open, '(' .. string.format('%.0f', now), '+inf') >= most
    or redis.call('ZCARD', all) >= 2 * most then
  return {now, 0}
end
redis.call('ZADD', open, deadline, ticket)
redis.call('ZADD', all, delete_at, ticket)
for _, index in ipairs({open, all}) do
  -- Longer than any ticket, so that an installation that was shut down leaves no keys behind.
  redis.call('PEXPIRE', index, math.max(1, tonumber(delete_at) - now) + 3600000)
end
return {now, 1}
