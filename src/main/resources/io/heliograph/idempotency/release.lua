-- Releases a claim after the work failed, if the owner still holds it.
--
-- KEYS[1]  as in claim.lua
-- ARGV[1]  string  owner
-- Answer   1 when it was released

local saved = redis.call('HMGET', KEYS[1], 'o', 's')
if saved[1] == ARGV[1] and not saved[2] then
  return redis.call('DEL', KEYS[1])
end
return 0
