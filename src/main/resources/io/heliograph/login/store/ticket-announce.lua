-- A change that is published in the same step. Put before the publishing script, which gets the remaining KEYS and ARGV.
--
-- KEYS[last]   the ticket
-- ARGV[-6..]   the last six are the arguments of ticket-change.lua
-- Answer       {0} when the change was not made; otherwise the answer of the publishing script

local ticket = table.remove(KEYS)
local wanted = {}
for i = 6, 1, -1 do
  wanted[i] = table.remove(ARGV)
end
if not change(ticket, unpack(wanted)) then
  return {0}
end
