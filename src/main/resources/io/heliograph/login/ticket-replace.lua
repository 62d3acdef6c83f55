-- The compare-and-set that every change of a ticket goes through.
--
-- KEYS[1]  as in ticket-add.lua
-- ARGV[2]  string  the mark that it was read with
-- ARGV[3]  string  the mark that it gets
-- ARGV[4]  integer its next deadline (ms), '' when it ends
-- ARGV[5]  integer when it is forgotten (ms)
-- ARGV[6]  string  its next text
-- ARGV[7]  integer 1 when this is its expiry, which alone may come after the deadline
-- Answer   {now, 1 when it was done}

local saved = redis.call('HMGET', KEYS[1], 'm', 'x')
local deadline = tonumber(saved[2])
if saved[1] ~= ARGV[2] or (deadline and now >= deadline and ARGV[7] ~= '1') then
  return {now, 0}
end
redis.call('HSET', KEYS[1], 'm', ARGV[3], 'x', ARGV[4], 't', ARGV[6])
redis.call('PEXPIRE', KEYS[1], math.max(1, tonumber(ARGV[5]) - now))
return {now, 1}
