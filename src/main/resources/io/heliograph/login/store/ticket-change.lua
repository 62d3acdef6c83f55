-- The compare-and-set of every change of a ticket. Put before the scripts that call it.
--
-- key        hash    the ticket, as in ticket-add.lua
-- from       string  the mark with which the ticket was read
-- to         string  the new mark
-- deadline   integer the new deadline (ms), '' when the ticket ends
-- forgotten  integer when the key is deleted (ms)
-- next       string  the new text
-- expires    string  1 for the expiry, the only change that is allowed after the deadline
-- Answer     whether the change was made

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
