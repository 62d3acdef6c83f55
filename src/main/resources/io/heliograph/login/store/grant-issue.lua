-- Stores a grant until it is redeemed or expires; if it is stored already, extends its life.
--
-- KEYS[1]  hash    the grant: g text, x expiry (ms), k when the key is deleted (ms), u 1 once redeemed, r 1 once revoked
-- ARGV[1]  as in time.lua
-- ARGV[2]  integer expiry (ms)
-- ARGV[3]  integer when the key is deleted (ms)
-- ARGV[4]  string  text
-- Answer   {now, 1; 0 when it was redeemed or revoked before}

local grant, expiry, delete_at, text = KEYS[1], ARGV[2], ARGV[3], ARGV[4]
local used = redis.call('HMGET', grant, 'u', 'r')
if used[1] or used[2] then
  return {now, 0}
end
redis.call('HSET', grant, 'g', text, 'x', expiry, 'k', delete_at)
redis.call('PEXPIRE', grant, math.max(1, tonumber(delete_at) - now))
return {now, 1}
