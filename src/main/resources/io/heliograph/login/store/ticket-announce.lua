-- A change that is announced in the same step: what publishes comes after this, and finds its own keys and arguments.
--
-- KEYS[last]   the ticket
-- ARGV[-6..]   the last six, as ticket-change.lua takes them
-- Answer       {0} when it was not done; else what the publishing answers

local ticket = table.remove(KEYS)
local wanted = {}
for i = 6, 1, -1 do
  wanted[i] = table.remove(ARGV)
end
if not change(ticket, unpack(wanted)) then
  return {0}
end
