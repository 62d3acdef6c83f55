-- Stores the reply, if the owner still holds the claim.
--
-- KEYS[1]  hash    the claim, as in claim.lua
-- ARGV[1]  string  owner
-- ARGV[2]  integer status
-- ARGV[3]  string  content type, '' none
-- ARGV[4]  string  body, base64
-- ARGV[5]  integer ms until the reply expires
-- Answer   1 when it was stored

local claim, owner, status, content_type, body, keep = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local saved = redis.call('HMGET', claim, 'o', 's')
if saved[1] ~= owner or saved[2] then
  return 0
end
redis.call('HSET', claim, 's', status, 't', content_type, 'b', body)
redis.call('PEXPIRE', claim, keep)
return 1
