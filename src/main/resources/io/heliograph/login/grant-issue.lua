-- Keeps a grant until it is redeemed or over.
--
-- KEYS[1]  hash    the grant: g its text, x its end (ms), k when it is forgotten (ms), u 1 once it was redeemed
-- ARGV[2]  integer its end (ms)
-- ARGV[3]  integer when it is forgotten (ms)
-- ARGV[4]  string  its text
-- Answer   {now}

redis.call('HSET', KEYS[1], 'g', ARGV[4], 'x', ARGV[2], 'k', ARGV[3])
redis.call('PEXPIRE', KEYS[1], math.max(1, tonumber(ARGV[3]) - now))
return {now}
