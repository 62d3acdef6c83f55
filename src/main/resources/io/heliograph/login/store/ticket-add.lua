-- Stores a new ticket.
--
-- KEYS[1]  hash    the ticket: m mark, x deadline (ms, '' when it has ended), t text
-- ARGV[2]  string  mark
-- ARGV[3]  integer deadline (ms)
-- ARGV[4]  integer when the key is deleted (ms)
-- ARGV[5]  string  text
-- Answer   {now, 1 when it was stored, 0 when the id exists}

if redis.call('EXISTS', KEYS[1]) == 1 then
  return {now, 0}
end
redis.call('HSET', KEYS[1], 'm', ARGV[2], 'x', ARGV[3], 't', ARGV[5])
redis.call('PEXPIRE', KEYS[1], math.max(1, tonumber(ARGV[4]) - now))
return {now, 1}
