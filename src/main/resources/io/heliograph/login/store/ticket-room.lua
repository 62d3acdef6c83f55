-- Adds the index entries of a new ticket unless the limit is reached. An open ticket counts until its deadline, every
-- ticket until it is deleted. The entries of a node that failed before it stored its ticket expire in the same way.
--
-- KEYS[1]  sorted set  open tickets by their deadline
-- KEYS[2]  sorted set  all tickets by when they are deleted
-- ARGV[2]  string      ticket
-- ARGV[3]  integer     deadline (ms)
-- ARGV[4]  integer     when the ticket is deleted if it does not change (ms)
-- ARGV[5]  integer     the maximum number of open tickets; twice as many in total
-- Answer   {now, 1 when the entries were added}

redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local most = tonumber(ARGV[5])
if redis.call('ZCOUNT', KEYS[1], '(' .. string.format('%.0f', now), '+inf') >= most
    or redis.call('ZCARD', KEYS[2]) >= 2 * most then
  return {now, 0}
end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[2])
for i = 1, 2 do
  -- Longer than any ticket, so that an installation that was shut down leaves no keys behind.
  redis.call('PEXPIRE', KEYS[i], math.max(1, tonumber(ARGV[4]) - now) + 3600000)
end
return {now, 1}
