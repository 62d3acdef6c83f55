-- Reads the time.
--
-- ARGV[1]  as in time.lua
-- Answer   {now}

return {now}
