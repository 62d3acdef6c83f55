-- Redeems a grant once, before it expires. The key then holds only that it was redeemed, and no user.
--
-- KEYS[1]  hash    the grant, as in grant-issue.lua
-- ARGV[1]  as in time.lua
-- Answer   {now, the grant's text}; {now} when there is no grant to redeem

local grant = KEYS[1]
local saved = redis.call('HMGET', grant, 'g', 'x')
local ends = tonumber(saved[2])
if not saved[1] or not ends or now >= ends then
  return {now}
end
redis.call('HDEL', grant, 'g')
redis.call('HSET', grant, 'u', '1')
return {now, saved[1]}
