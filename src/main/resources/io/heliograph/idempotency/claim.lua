-- Takes a key, or says who was there before.
--
-- KEYS[1]  hash    f fingerprint, o owner, and when it is done: s status, t content type ('' none), b body (base64)
-- ARGV[1]  string  fingerprint
-- ARGV[2]  string  owner
-- ARGV[3]  integer ms that the work may take
-- Answer   {fresh} · {reused} · {working} · {done, status, content type, body}

local saved = redis.call('HMGET', KEYS[1], 'f', 's', 't', 'b')
if not saved[1] then
  redis.call('HSET', KEYS[1], 'f', ARGV[1], 'o', ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return {'fresh'}
end
if saved[1] ~= ARGV[1] then
  return {'reused'}
end
if not saved[2] then
  return {'working'}
end
return {'done', saved[2], saved[3], saved[4]}
