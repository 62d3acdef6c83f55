-- Stores the reply, if the owner still holds the claim.
--
-- KEYS[1]  as in claim.lua
-- ARGV[1]  string  owner
-- ARGV[2]  integer status
-- ARGV[3]  string  content type, '' none
-- ARGV[4]  string  body, base64
-- ARGV[5]  integer ms until the reply expires
-- Answer   1 when it was stored

local saved = redis.call('HMGET', KEYS[1], 'o', 's')
if saved[1] ~= ARGV[1] or saved[2] then
  return 0
end
redis.call('HSET', KEYS[1], 's', ARGV[2], 't', ARGV[3], 'b', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
