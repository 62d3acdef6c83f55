-- Keeps a new ticket.
--
-- KEYS[1]  hash    the ticket: m its mark, x its deadline (ms, '' when it has ended), t its text
-- ARGV[2]  string  its mark
-- ARGV[3]  integer its deadline (ms)
-- ARGV[4]  integer when it is forgotten (ms)
-- ARGV[5]  string  its text
-- Answer   {now, 1 when it is kept, 0 when the id was used before}

if redis.call('EXISTS', KEYS[1]) == 1 then
  return {now, 0}
end
redis.call('HSET', KEYS[1], 'm', ARGV[2], 'x', ARGV[3], 't', ARGV[5])
redis.call('PEXPIRE', KEYS[1], math.max(1, tonumber(ARGV[4]) - now))
return {now, 1}
