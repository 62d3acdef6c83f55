-- Appends a message and announces it, in one step.
--
-- KEYS[1..3]  as in log.lua
-- KEYS[4]     string, optional: remembers that this draft was published, as <id> <epoch> <offset>
-- ARGV[1..6]  as in log.lua
-- ARGV[7]     string  the message's id
-- ARGV[8]     string  the message, without its position
-- ARGV[9]     integer bytes that count
-- ARGV[10]    integer ms that it is worth delivering, 0: as long as the log keeps it
-- ARGV[11]    string  replacement key, '' none
-- ARGV[12]    string  SPUBLISH or PUBLISH
-- ARGV[13]    string  where it is announced: "<epoch>:<offset>:<this server's ms>", the wish, a line feed, the message
-- ARGV[14]    integer ms that KEYS[4] is remembered
-- ARGV[15]    string  the wish for receipts, "<node>:<ms>"; '' none
-- Answer      {id, epoch, offset, subscribed nodes, 1 when it was there before}; all text but the last two

local once_key = KEYS[4]
local id, message, bytes, ttl, replacement = ARGV[7], ARGV[8], ARGV[9], tonumber(ARGV[10]), ARGV[11]
local publish, announcements, remember, wish = ARGV[12], ARGV[13], ARGV[14], ARGV[15]

local function subscribers()
  local ask = publish == 'SPUBLISH' and 'SHARDNUMSUB' or 'NUMSUB'
  return redis.call('PUBSUB', ask, announcements)[2]
end

if once_key then
  local saved = redis.pcall('GET', once_key)
  local earlier, epoch, offset = string.match(type(saved) == 'string' and saved or '', '^(%S+) ([%w_-]+) (%d+)$')
  if earlier then
    return {earlier, epoch, offset, subscribers(), 1}
  end
end

-- Answers an error reply of Redis, or nil.
local function append()
  local offset = text(log.head + 1)
  if replacement ~= '' then
    local replaced = redis.call('HGET', offsets_key, replacement)
    if replaced and string.match(replaced, '^%d+$') then
      local entry = redis.call('XRANGE', messages_key, replaced .. '-0', replaced .. '-0')[1]
      if entry then
        remove(entry)
      end
    end
    redis.call('HSET', offsets_key, replacement, offset)
  end
  local expires = ttl == 0 and '0' or text(now + ttl)
  local added = redis.pcall('XADD', messages_key, offset .. '-0', 'a', text(now), 'x', expires, 'k', replacement,
    's', bytes, 'm', message)
  if type(added) == 'table' and added.err then
    return added
  end
  log.head = log.head + 1
end

open()
if not log then
  create()
end
local failed = append()
if failed and string.find(failed.err, 'equal or smaller', 1, true) then
  -- An entry beyond our head, which another program wrote, would refuse every later message.
  discard()
  create()
  failed = append()
end
if failed then
  return failed
end
local offset = text(log.head)
if log.entries == 0 then
  log.oldest = now
end
log.entries = log.entries + 1
log.bytes = log.bytes + tonumber(bytes)
trim()
save()
touch()
if once_key then
  redis.call('SET', once_key, id .. ' ' .. log.epoch .. ' ' .. offset, 'PX', remember)
end
local nodes = redis.call(publish, announcements, log.epoch .. ':' .. offset .. ':' .. text(now) ..
  (wish == '' and '' or ':' .. wish) .. '\n' .. message)
return {id, log.epoch, offset, nodes, 0}
