-- Gives a grant out: once, and in time. That it was is remembered, who it was for is not.
--
-- KEYS[1]  as in grant-issue.lua
-- Answer   {now, the grant's text; nothing when there is none to be had}

local saved = redis.call('HMGET', KEYS[1], 'g', 'x')
if not saved[1] or now >= tonumber(saved[2]) then
  return {now}
end
redis.call('HDEL', KEYS[1], 'g')
redis.call('HSET', KEYS[1], 'u', '1')
return {now, saved[1]}
