-- What every script on a channel's log begins with; it is put before each of them.
--
-- KEYS[1]  hash    the log: e epoch, h head, t trimmed through, d delivered through, n entries, b bytes,
--                  o arrival of the oldest (ms), r the life of the server that wrote last
-- KEYS[2]  stream  the messages, entry id <offset>-0, fields in this order:
--                  a arrival (ms), x expiry (ms, 0 none), k replacement key ('' none), s bytes, m message;
--                  a hole has an empty message: what was before it may have been lost
-- KEYS[3]  hash    replacement key -> offset
-- ARGV[1]  string  epoch to begin with when there is no log
-- ARGV[2]  integer ms that a log is kept after it was last used
-- ARGV[3]  integer most ms that a message is kept
-- ARGV[4]  integer most messages
-- ARGV[5]  integer most bytes
--
-- All times are this server's: the nodes' clocks may differ.

-- A replica that took over, and a server that was started again from disk, may lack what the last one had accepted,
-- and would give the same offsets out again. Each such life has its own replication id. In a new one the log goes on
-- further than any tail that can have been lost, behind a hole: a cursor that stood in the lost tail, and one before it,
-- are told so where they come to the hole, and no offset ever means two messages. It goes on from the time in
-- microseconds, because the life that was lost may itself have been new to this log (a server gets another id with its
-- first replica): two that go on from one offset must not come to the same, and what is written later must stand behind
-- every cursor.
local LOST_TAIL = 1000000

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local log

local function text(number)
  return string.format('%.0f', number)
end

local function save()
  redis.call('HSET', KEYS[1], 'e', log.epoch, 'h', text(log.head), 't', text(log.trimmed), 'd', text(log.delivered),
    'n', text(log.entries), 'b', text(log.bytes), 'o', text(log.oldest), 'r', log.life)
end

-- The messages before the hole are still there for whoever has not got them.
local function go_on_behind_a_hole(life)
  -- A fresh session is told of a loss only when something waited for it.
  local all = log.delivered == log.head
  log.life = life
  log.head = math.max(log.head + LOST_TAIL, now * 1000)
  if all then
    log.delivered = log.head
  end
  if log.entries == 0 then
    log.trimmed = log.head
  else
    redis.call('XADD', KEYS[2], text(log.head) .. '-0', 'a', text(now), 'x', '0', 'k', '', 's', '0', 'm', '')
    log.entries = log.entries + 1
  end
end

-- A channel without a log gets one: its epoch has to be the same when the first message comes.
local function open()
  local life = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)') or ''
  local saved = redis.call('HMGET', KEYS[1], 'e', 'h', 't', 'd', 'n', 'b', 'o', 'r')
  if not saved[1] then
    -- Whatever is left without it cannot be told from what was lost.
    redis.call('DEL', KEYS[2], KEYS[3])
    log = {epoch = ARGV[1], head = 0, trimmed = 0, delivered = 0, entries = 0, bytes = 0, oldest = 0, life = life}
    save()
  else
    log = {epoch = saved[1], head = tonumber(saved[2]), trimmed = tonumber(saved[3]), delivered = tonumber(saved[4]),
      entries = tonumber(saved[5]), bytes = tonumber(saved[6]), oldest = tonumber(saved[7]), life = saved[8]}
    local changed = false
    if log.entries > 0 and redis.call('EXISTS', KEYS[2]) == 0 then
      -- The server was short of memory and evicted the messages.
      redis.call('DEL', KEYS[3])
      log.trimmed = log.head
      log.entries = 0
      log.bytes = 0
      changed = true
    end
    if log.life ~= life then
      go_on_behind_a_hole(life)
      changed = true
    end
    if changed then
      save()
    end
  end
end

local function touch()
  for i = 1, 3 do
    redis.call('PEXPIRE', KEYS[i], ARGV[2])
  end
end

local function offset_of(entry)
  return tonumber(string.match(entry[1], '^(%d+)'))
end

local function is_hole(entry)
  return entry[2][10] == ''
end

-- Takes one entry out, whatever the reason.
local function remove(entry)
  redis.call('XDEL', KEYS[2], entry[1])
  log.entries = log.entries - 1
  log.bytes = log.bytes - tonumber(entry[2][8])
end

local function over()
  return log.entries > tonumber(ARGV[4])
    or (log.entries > 1 and log.bytes > tonumber(ARGV[5]))
    or (log.entries > 0 and now - log.oldest > tonumber(ARGV[3]))
end

-- Drops what is too old, too much or too many. The newest message stays however large. True when it changed anything.
local function trim()
  local changed = false
  while over() do
    local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
    if not first then
      log.entries = 0
      log.bytes = 0
      return true
    end
    changed = true
    log.oldest = tonumber(first[2][2])
    if over() then
      local offset = offset_of(first)
      local expires = tonumber(first[2][4])
      local key = first[2][6]
      remove(first)
      if key ~= '' and redis.call('HGET', KEYS[3], key) == text(offset) then
        redis.call('HDEL', KEYS[3], key)
      end
      -- Past its own ttl it is not missed by anyone.
      if (expires == 0 or expires > now) and offset > log.trimmed then
        log.trimmed = offset
      end
    end
  end
  return changed
end
