-- Appends a message and announces it, in one step.
--
-- KEYS[1..3]  as in log.lua
-- KEYS[4]     string, optional: remembers that this draft was published, as <id> <epoch> <offset>
-- ARGV[1..5]  as in log.lua
-- ARGV[6]     string  the message's id
-- ARGV[7]     string  the message, without its position
-- ARGV[8]     integer bytes that count
-- ARGV[9]     integer ms that it is worth delivering, 0: as long as the log keeps it
-- ARGV[10]    string  replacement key, '' none
-- ARGV[11]    string  SPUBLISH or PUBLISH
-- ARGV[12]    string  where it is announced: "<epoch>:<offset>:<this server's ms>", the wish, a line feed, the message
-- ARGV[13]    integer ms that KEYS[4] is remembered
-- ARGV[14]    string  the wish for receipts, "<node>:<ms>"; '' none
-- Answer      {id, epoch, offset, listening nodes, 1 when it was there before}; all text but the last two

local function listeners()
  local ask = ARGV[11] == 'SPUBLISH' and 'SHARDNUMSUB' or 'NUMSUB'
  return redis.call('PUBSUB', ask, ARGV[12])[2]
end

if KEYS[4] then
  local earlier = redis.call('GET', KEYS[4])
  if earlier then
    local id, epoch, offset = string.match(earlier, '^(%S+) (%S+) (%S+)$')
    return {id, epoch, offset, listeners(), 1}
  end
end

open()
log.head = log.head + 1
local offset = text(log.head)
if ARGV[10] ~= '' then
  local replaced = redis.call('HGET', KEYS[3], ARGV[10])
  if replaced then
    local entry = redis.call('XRANGE', KEYS[2], replaced .. '-0', replaced .. '-0')[1]
    if entry then
      remove(entry)
    end
  end
  redis.call('HSET', KEYS[3], ARGV[10], offset)
end
local ttl = tonumber(ARGV[9])
redis.call('XADD', KEYS[2], offset .. '-0', 'a', text(now), 'x', ttl == 0 and '0' or text(now + ttl),
  'k', ARGV[10], 's', ARGV[8], 'm', ARGV[7])
if log.entries == 0 then
  log.oldest = now
end
log.entries = log.entries + 1
log.bytes = log.bytes + tonumber(ARGV[8])
trim()
save()
touch()
if KEYS[4] then
  redis.call('SET', KEYS[4], ARGV[6] .. ' ' .. log.epoch .. ' ' .. offset, 'PX', ARGV[13])
end
local nodes = redis.call(ARGV[11], ARGV[12], log.epoch .. ':' .. offset .. ':' .. text(now) ..
  (ARGV[14] == '' and '' or ':' .. ARGV[14]) .. '\n' .. ARGV[7])
return {ARGV[6], log.epoch, offset, nodes, 0}
