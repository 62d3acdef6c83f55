-- Releases a claim after the work failed, if the owner still holds it.
--
-- KEYS[1]  hash    the claim, as in claim.lua
-- ARGV[1]  string  owner
-- Answer   1 when it was released

local claim, owner = KEYS[1], ARGV[1]
local saved = redis.call('HMGET', claim, 'o', 's')
if saved[1] == owner and not saved[2] then
  return redis.call('DEL', claim)
end
return 0
