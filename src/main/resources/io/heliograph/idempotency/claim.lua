-- Claims a key, or returns the existing claim.
--
-- KEYS[1]  hash    the claim: f fingerprint, o owner, and after completion s status, t content type ('' none), b body (base64)
-- ARGV[1]  string  fingerprint
-- ARGV[2]  string  owner
-- ARGV[3]  integer ms until the claim expires
-- Answer   {fresh} · {reused} · {working} · {done, status, content type, body} · {unreadable}

local claim, fingerprint, owner, lease = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local saved = redis.pcall('HMGET', claim, 'f', 's', 't', 'b')
if saved.err then
  return {'unreadable'}
end
if not saved[1] then
  redis.call('HSET', claim, 'f', fingerprint, 'o', owner)
  redis.call('PEXPIRE', claim, lease)
  return {'fresh'}
end
if saved[1] ~= fingerprint then
  return {'reused'}
end
if not saved[2] then
  return {'working'}
end
return {'done', saved[2], saved[3] or 'none', saved[4] or '-'}
