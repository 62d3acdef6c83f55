-- A change that nobody is told of, such as a count.
--
-- KEYS[1]     the ticket
-- ARGV[2..7]  as ticket-change.lua takes them
-- Answer      {now, 1 when it was done}

return {now, change(KEYS[1], unpack(ARGV, 2, 7)) and 1 or 0}
