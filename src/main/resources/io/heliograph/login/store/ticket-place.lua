-- Updates a ticket's entries in the index, or removes them. A removed entry is not added again.
--
-- KEYS[1..2]  as in ticket-room.lua
-- ARGV[2]     string  ticket
-- ARGV[3]     integer deadline (ms), '' when the ticket has ended
-- ARGV[4]     integer when the ticket is deleted (ms), '' when there is no such ticket
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
