-- Stores a new ticket.
--
-- KEYS[1]  hash    the ticket: m mark, x deadline (ms, '' when it has ended), t text
-- ARGV[1]  as in time.lua
-- ARGV[2]  string  mark
-- ARGV[3]  integer deadline (ms)
-- ARGV[4]  integer when the key is deleted (ms)
-- ARGV[5]  string  text
-- Answer   {now, 1 when it was stored, 0 when the id exists}

local ticket, mark, deadline, delete_at, text = KEYS[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if redis.call('EXISTS', ticket) == 1 then
  return {now, 0}
end
redis.call('HSET', ticket, 'm', mark, 'x', deadline, 't', text)
redis.call('PEXPIRE', ticket, math.max(1, tonumber(delete_at) - now))
return {now, 1}
