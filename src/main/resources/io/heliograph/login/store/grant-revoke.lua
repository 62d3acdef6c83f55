-- Revokes a grant. The key then holds that it was revoked, so that it is not issued again.
--
-- KEYS[1]  hash    the grant, as in grant-issue.lua
-- ARGV[1]  as in time.lua
-- Answer   {now, the result: REVOKED, WAS_REDEEMED, UNKNOWN}

local grant = KEYS[1]
local saved = redis.call('HMGET', grant, 'k', 'u', 'r')
local forgotten = tonumber(saved[1])
if not forgotten or now >= forgotten or saved[3] then
  return {now, 'UNKNOWN'}
end
if saved[2] then
  return {now, 'WAS_REDEEMED'}
end
redis.call('HDEL', grant, 'g')
redis.call('HSET', grant, 'r', '1')
return {now, 'REVOKED'}
