-- A change that is not published, such as a count of failed attempts.
--
-- KEYS[1]     the ticket
-- ARGV[2..7]  the arguments of ticket-change.lua
-- Answer      {now, 1 when the change was made}

return {now, change(KEYS[1], unpack(ARGV, 2, 7)) and 1 or 0}
