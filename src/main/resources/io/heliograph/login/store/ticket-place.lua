-- Updates a ticket's entries in the index, or removes them. A removed entry is not added again.
--
-- KEYS[1]  sorted set  open tickets, as in ticket-room.lua
-- KEYS[2]  sorted set  all tickets, as in ticket-room.lua
-- ARGV[1]  as in time.lua
-- ARGV[2]  string      ticket
-- ARGV[3]  integer     deadline (ms), '' when the ticket has ended
-- ARGV[4]  integer     when the ticket is deleted (ms), '' when there is no such ticket
-- Answer   {now}

local open, all, ticket, deadline, delete_at = KEYS[1], KEYS[2], ARGV[2], ARGV[3], ARGV[4]

local function place(index, score)
  if score == '' then
    redis.call('ZREM', index, ticket)
  else
    redis.call('ZADD', index, 'XX', score, ticket)
  end
end

place(open, deadline)
place(all, delete_at)
return {now}
