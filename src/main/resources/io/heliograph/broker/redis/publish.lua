-- Appends a message and announces it, in one step.
--
-- KEYS[1..3]  as in log.lua
-- KEYS[4]     string, optional: remembers that this draft was published, as <id> <epoch> <offset>
-- ARGV[1..6]  as in log.lua
-- ARGV[7]     string  the message's id
-- ARGV[8]     string  the message, without its position
-- ARGV[9]     integer bytes that count
-- ARGV[10]     integer ms that it is worth delivering, 0: as long as the log keeps it
-- ARGV[11]    string  replacement key, '' none
-- ARGV[12]    string  SPUBLISH or PUBLISH
-- ARGV[13]    string  where it is announced: "<epoch>:<offset>:<this server's ms>", the wish, a line feed, the message
-- ARGV[14]    integer ms that KEYS[4] is remembered
-- ARGV[15]    string  the wish for receipts, "<node>:<ms>"; '' none
-- Answer      {id, epoch, offset, listening nodes, 1 when it was there before}; all text but the last two

local function listeners()
  local ask = ARGV[12] == 'SPUBLISH' and 'SHARDNUMSUB' or 'NUMSUB'
  return redis.call('PUBSUB', ask, ARGV[13])[2]
end

if KEYS[4] then
  local earlier = redis.pcall('GET', KEYS[4])
  local id, epoch, offset = string.match(type(earlier) == 'string' and earlier or '', '^(%S+) ([%w_-]+) (%d+)$')
  if id then
    return {id, epoch, offset, listeners(), 1}
  end
end

-- Answers an error reply of Redis, or nil.
local function append()
  local offset = text(log.head + 1)
  if ARGV[11] ~= '' then
    local replaced = redis.call('HGET', KEYS[3], ARGV[11])
    if replaced and string.match(replaced, '^%d+$') then
      local entry = redis.call('XRANGE', KEYS[2], replaced .. '-0', replaced .. '-0')[1]
      if entry then
        remove(entry)
      end
    end
    redis.call('HSET', KEYS[3], ARGV[11], offset)
  end
  local ttl = tonumber(ARGV[10])
  local added = redis.pcall('XADD', KEYS[2], offset .. '-0', 'a', text(now), 'x', ttl == 0 and '0' or text(now + ttl),
    'k', ARGV[11], 's', ARGV[9], 'm', ARGV[8])
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
log.bytes = log.bytes + tonumber(ARGV[9])
trim()
save()
touch()
if KEYS[4] then
  redis.call('SET', KEYS[4], ARGV[7] .. ' ' .. log.epoch .. ' ' .. offset, 'PX', ARGV[14])
end
local nodes = redis.call(ARGV[12], ARGV[13], log.epoch .. ':' .. offset .. ':' .. text(now) ..
  (ARGV[15] == '' and '' or ':' .. ARGV[15]) .. '\n' .. ARGV[8])
return {ARGV[7], log.epoch, offset, nodes, 0}
