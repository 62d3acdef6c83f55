-- The compare-and-set that every change of a ticket goes through; it is put before the scripts that call it.
--
-- key        hash    the ticket, as in ticket-add.lua
-- from       string  the mark that it was read with
-- to         string  the mark that it gets
-- deadline   integer its next deadline (ms), '' when it ends
-- forgotten  integer when it is forgotten (ms)
-- next       string  its next text
-- expires    string  1 when this is its expiry, which alone may come after the deadline
-- Answer     whether it was done

local function change(key, from, to, deadline, forgotten, next, expires)
  local saved = redis.call('HMGET', key, 'm', 'x')
  local due = tonumber(saved[2])
  if saved[1] ~= from or (due and now >= due and expires ~= '1') then
    return false
  end
  redis.call('HSET', key, 'm', to, 'x', deadline, 't', next)
  redis.call('PEXPIRE', key, math.max(1, tonumber(forgotten) - now))
  return true
end
