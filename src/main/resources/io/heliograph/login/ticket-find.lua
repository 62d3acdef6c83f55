-- KEYS[1]  as in ticket-add.lua
-- Answer   {now, the ticket's text; nothing when there is none}

return {now, redis.call('HGET', KEYS[1], 't') or nil}
