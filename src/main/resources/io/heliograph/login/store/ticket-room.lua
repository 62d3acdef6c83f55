-- Takes a place for one more ticket, if there is one. Every open ticket has a place until its deadline, every ticket
-- until it is forgotten; who died after taking one loses it by the same clock.
--
-- KEYS[1]  sorted set  open tickets by their deadline
-- KEYS[2]  sorted set  all tickets by when they are forgotten
-- ARGV[2]  string      the ticket
-- ARGV[3]  integer     its deadline (ms)
-- ARGV[4]  integer     when it is forgotten if nothing happens (ms)
-- ARGV[5]  integer     the most open tickets; of all there may be twice as many
-- Answer   {now, 1 when there was room}

redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local most = tonumber(ARGV[5])
if redis.call('ZCOUNT', KEYS[1], '(' .. string.format('%.0f', now), '+inf') >= most
    or redis.call('ZCARD', KEYS[2]) >= 2 * most then
  return {now, 0}
end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[2])
for i = 1, 2 do
  -- Longer than any of the tickets: an installation that was shut down leaves nothing behind.
  redis.call('PEXPIRE', KEYS[i], math.max(1, tonumber(ARGV[4]) - now) + 3600000)
end
return {now, 1}
