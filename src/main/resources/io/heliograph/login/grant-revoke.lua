-- Takes a grant back.
--
-- KEYS[1]  as in grant-issue.lua
-- Answer   {now, what became of it: REVOKED, WAS_REDEEMED, UNKNOWN}

local saved = redis.call('HMGET', KEYS[1], 'k', 'u')
if not saved[1] or now >= tonumber(saved[1]) then
  return {now, 'UNKNOWN'}
end
-- What was redeemed stays, so that a second attempt to take it back gets the same answer.
if saved[2] then
  return {now, 'WAS_REDEEMED'}
end
redis.call('DEL', KEYS[1])
return {now, 'REVOKED'}
