-- Moves a ticket's place to where the ticket has come, or gives it back. A place that was given back stays so.
--
-- KEYS[1..2]  as in ticket-room.lua
-- ARGV[2]     string  the ticket
-- ARGV[3]     integer its deadline (ms), '' when it is open no more
-- ARGV[4]     integer when it is forgotten (ms), '' when there is no such ticket
-- Answer      {now}

if ARGV[3] == '' then
  redis.call('ZREM', KEYS[1], ARGV[2])
else
  redis.call('ZADD', KEYS[1], 'XX', ARGV[3], ARGV[2])
end
if ARGV[4] == '' then
  redis.call('ZREM', KEYS[2], ARGV[2])
else
  redis.call('ZADD', KEYS[2], 'XX', ARGV[4], ARGV[2])
end
return {now}
