-- A change that is not published, such as a count of failed attempts.
--
-- KEYS[1]    hash    the ticket, as in ticket-add.lua
-- ARGV[1]    as in time.lua
-- ARGV[2..7] the arguments of the function in versioned.lua, from `from` on
-- Answer     {now, 1 when the change was made}

local ticket = KEYS[1]
return {now, change(ticket, unpack(ARGV, 2, 7)) and 1 or 0}
