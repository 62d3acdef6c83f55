-- Shared by every script on a channel's log; it is put before each of them.
--
-- KEYS[1]  hash    the log: e epoch, h head, t trimmed through, d delivered through, n entries, b bytes,
--                  o arrival of the oldest (ms), r replication id of the server that wrote last,
--                  c creation, <life and generation, 8 hex digits>-<ms>
-- KEYS[2]  stream  the messages, entry id <offset>-0, fields in this order:
--                  a arrival (ms), x expiry (ms, 0 none), k replacement key ('' none), s bytes, m message;
--                  a hole has an empty message: entries before it may have been lost
-- KEYS[3]  hash    replacement key -> offset
-- ARGV[1]  string  epoch of a new log
-- ARGV[2]  integer ms that a log is kept after its last use
-- ARGV[3]  integer most ms that a message is kept
-- ARGV[4]  integer most messages
-- ARGV[5]  integer most bytes
-- ARGV[6]  string  generation of the data, another one after it was flushed: @<key that holds it> where one server
--                  holds all keys, else its value
--
-- All times are this server's, because the nodes' clocks may differ.

local log_key, messages_key, offsets_key = KEYS[1], KEYS[2], KEYS[3]
local new_epoch, keep_log, generation_or_key = ARGV[1], ARGV[2], ARGV[6]
local max_age, max_messages, max_bytes = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

-- A replica that took over, and a server that restarted from disk, may lack messages that the last one had accepted,
-- and would assign the same offsets again. Each such life of the server has its own replication id. In a new one the
-- log continues beyond any tail that can have been lost, behind a hole: a cursor in the lost tail, or before it, learns
-- of the loss when it reaches the hole, and no offset ever means two messages. The new offsets start from the time in
-- microseconds, because the lost life may itself have been new to this log (a server gets another id with its first
-- replica), and two lives that continue from the same offset must not assign the same ones.
local LOST_TAIL = 1000000

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local life = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)') or ''
local log

-- Entries and hashes that no script of ours can have written; another program shares this Redis, or its disk is broken.
local unreadable = 0

local function text(number)
  return string.format('%.0f', number)
end

local function save()
  redis.call('HSET', log_key, 'e', log.epoch, 'h', text(log.head), 't', text(log.trimmed), 'd', text(log.delivered),
    'n', text(log.entries), 'b', text(log.bytes), 'o', text(log.oldest), 'r', log.life, 'c', log.created)
end

-- The messages before the hole stay readable for subscribers that have not received them.
local function continue_behind_hole()
  -- A user without undelivered messages has lost nothing that a new session would expect.
  local all = log.delivered == log.head
  log.life = life
  log.head = math.max(log.head + LOST_TAIL, now * 1000)
  if all then
    log.delivered = log.head
  end
  if log.entries == 0 then
    log.trimmed = log.head
  else
    redis.call('XADD', messages_key, text(log.head) .. '-0', 'a', text(now), 'x', '0', 'k', '', 's', '0', 'm', '')
    log.entries = log.entries + 1
  end
end

-- The position of a channel without a log: its epoch is 0-<creation mark>, its offset 0.
local function creation_mark()
  local generation = generation_or_key
  if string.sub(generation, 1, 1) == '@' then
    local key = string.sub(generation, 2)
    generation = redis.pcall('GET', key)
    if type(generation) ~= 'string' then
      generation = new_epoch
      redis.call('SET', key, generation)
    end
  end
  return string.sub(redis.sha1hex(life .. generation), 1, 8) .. '-' .. text(now)
end

-- By a command of the key's own type: the rights that operations.md gives to Heliograph's Redis user have no TYPE.
local function has_wrong_type(command, key)
  local answer = redis.pcall(command, key)
  return type(answer) == 'table' and answer.err ~= nil and string.find(answer.err, 'WRONGTYPE', 1, true) ~= nil
end

local function discard()
  unreadable = unreadable + 1
  redis.call('DEL', log_key, messages_key, offsets_key)
end

-- Reads the log's hash. Leaves `log` nil when there is none: only publishing creates one.
local function open()
  if has_wrong_type('HLEN', log_key) or has_wrong_type('XLEN', messages_key) or has_wrong_type('HLEN', offsets_key) then
    return discard()
  end
  local saved = redis.call('HMGET', log_key, 'e', 'h', 't', 'd', 'n', 'b', 'o', 'r', 'c')
  if not saved[1] then
    return
  end
  local numbers = {}
  for i = 2, 7 do
    numbers[i] = tonumber(saved[i] or '')
    if not numbers[i] or numbers[i] < 0 then
      return discard()
    end
  end
  if #saved[1] > 32 or not string.match(saved[1], '^[%w_-]+$') then
    return discard()
  end
  log = {epoch = saved[1], head = numbers[2], trimmed = numbers[3], delivered = numbers[4], entries = numbers[5],
    bytes = numbers[6], oldest = numbers[7], life = saved[8] or '', created = saved[9] or ''}
  local changed = false
  if log.entries > 0 and redis.call('EXISTS', messages_key) == 0 then
    -- The server was short of memory and evicted the messages.
    redis.call('DEL', offsets_key)
    log.trimmed = log.head
    log.entries = 0
    log.bytes = 0
    changed = true
  end
  if log.life ~= life then
    continue_behind_hole()
    changed = true
  end
  if changed then
    save()
  end
end

local function create()
  -- Messages that are left without their hash cannot be told from lost ones. (No needless DEL: after the first write of
  -- a script Redis no longer refuses its writes for lack of memory.)
  if redis.call('EXISTS', messages_key, offsets_key) > 0 then
    redis.call('DEL', messages_key, offsets_key)
  end
  log = {epoch = new_epoch, head = 0, trimmed = 0, delivered = 0, entries = 0, bytes = 0, oldest = 0, life = life,
    created = creation_mark()}
end

-- Whether a log that began with this mark holds everything since a reader found no log at `mark`. Not if the server
-- lost its state in between, nor if another log can have lived and expired in between.
local function nothing_lost_since(mark, began)
  local life_then, then_ms = string.match(mark, '^(%x+)-(%d+)$')
  local life_began, began_ms = string.match(began, '^(%x+)-(%d+)$')
  if not then_ms or not began_ms then
    return false
  end
  local passed = tonumber(began_ms) - tonumber(then_ms)
  return life_then == life_began and passed >= 0 and passed < tonumber(keep_log)
end

local function touch()
  for _, key in ipairs({log_key, messages_key, offsets_key}) do
    redis.call('PEXPIRE', key, keep_log)
  end
end

local function offset_of(entry)
  return tonumber(string.match(entry[1], '^(%d+)'))
end

local function is_readable(entry)
  local fields = entry[2]
  return #fields == 10 and fields[1] == 'a' and fields[3] == 'x' and fields[5] == 'k' and fields[7] == 's'
    and fields[9] == 'm' and tonumber(fields[2]) and tonumber(fields[4]) and tonumber(fields[8])
end

local function is_hole(entry)
  return not is_readable(entry) or entry[2][10] == ''
end

local function remove(entry)
  redis.call('XDEL', messages_key, entry[1])
  log.entries = math.max(0, log.entries - 1)
  if is_readable(entry) then
    log.bytes = math.max(0, log.bytes - tonumber(entry[2][8]))
  end
end

local function over()
  return log.entries > max_messages
    or (log.entries > 1 and log.bytes > max_bytes)
    or (log.entries > 0 and now - log.oldest > max_age)
end

-- Drops messages beyond the bounds of age, bytes and number. The newest stays however large. True when it changed
-- anything.
local function trim()
  local changed = false
  while over() do
    local first = redis.call('XRANGE', messages_key, '-', '+', 'COUNT', 1)[1]
    if not first then
      log.entries = 0
      log.bytes = 0
      return true
    end
    changed = true
    local readable = is_readable(first)
    log.oldest = readable and tonumber(first[2][2]) or 0
    if over() then
      local offset = offset_of(first)
      local expires = readable and tonumber(first[2][4]) or 0
      local key = readable and first[2][6] or ''
      remove(first)
      if key ~= '' and redis.call('HGET', offsets_key, key) == text(offset) then
        redis.call('HDEL', offsets_key, key)
      end
      -- An expired message is not a loss.
      if (expires == 0 or expires > now) and offset > log.trimmed then
        log.trimmed = offset
      end
    end
  end
  return changed
end
