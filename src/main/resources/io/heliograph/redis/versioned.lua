-- A function for scripts that change a versioned value, put before them. The script has the time in ms as `now`.
--
-- The value is a hash: m version, x deadline (ms, '' none), t text
--
-- key        the value's key
-- from       string  the version that it must have
-- to         string  its new version
-- deadline   integer its new deadline (ms), '' none
-- delete_at  integer when the key is deleted (ms)
-- text       string  its new text
-- late       string  1: also after the deadline
-- Answer     whether the change was made

local function change(key, from, to, deadline, delete_at, text, late)
  local saved = redis.call('HMGET', key, 'm', 'x')
  local due = tonumber(saved[2])
  if saved[1] ~= from or (due and now >= due and late ~= '1') then
    return false
  end
  redis.call('HSET', key, 'm', to, 'x', deadline, 't', text)
  redis.call('PEXPIRE', key, math.max(1, tonumber(delete_at) - now))
  return true
end
