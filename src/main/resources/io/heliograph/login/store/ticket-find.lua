-- Reads a ticket.
--
-- KEYS[1]  hash    the ticket, as in ticket-add.lua
-- ARGV[1]  as in time.lua
-- Answer   {now, the ticket's text, '' when the key is not a ticket}; {now} when there is none

local ticket = KEYS[1]
local text = redis.pcall('HGET', ticket, 't')
if type(text) == 'table' then
  return {now, ''}
end
return {now, text or nil}
