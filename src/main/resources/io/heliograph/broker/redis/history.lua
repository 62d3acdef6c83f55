-- Reads a page of the log, or with limit 0 its head. Removes what is too old on the way; a channel without a log stays
-- without one. A page ends before a hole, and a page that begins with a hole is not complete: the reader is told of the
-- loss after the messages before it.
--
-- KEYS[1..3]  as in log.lua
-- ARGV[1..6]  as in log.lua
-- ARGV[7]     string  all: from the oldest; since: after ARGV[8], ARGV[9]; undelivered: after the delivered mark
-- ARGV[8]     string  epoch
-- ARGV[9]     integer offset
-- ARGV[10]    integer the most messages
-- Answer      {epoch, head, through, 1 when complete, number of unreadable entries, then for each message its offset
--             and its text}; the two flags are integers, the rest is text

local mode, epoch, offset, limit = ARGV[7], ARGV[8], ARGV[9], tonumber(ARGV[10])
open()
local mark = string.match(epoch, '^0%-(%x+-%d+)$')

if not log then
  local complete = mode ~= 'since' or (mark and nothing_lost_since(mark, creation_mark()))
  return {'0-' .. creation_mark(), '0', '0', complete and 1 or 0, unreadable}
end

if trim() then
  save()
end
touch()

local after = 0
local complete
if mode == 'all' then
  complete = log.trimmed == 0
elseif mode == 'undelivered' then
  after = log.delivered
  complete = after >= log.trimmed
elseif mark then
  complete = log.trimmed == 0 and nothing_lost_since(mark, log.created)
elseif epoch ~= log.epoch then
  complete = false
else
  after = tonumber(offset)
  complete = after >= log.trimmed and after <= log.head
end

local page = {log.epoch, text(log.head), text(log.head), complete and 1 or 0, unreadable}
if limit == 0 or after >= log.head then
  return page
end
local found = 0
while true do
  local entries = redis.call('XRANGE', messages_key, text(after + 1) .. '-0', '+', 'COUNT', limit + 1)
  for _, entry in ipairs(entries) do
    if found == limit or (found > 0 and is_hole(entry)) then
      page[3] = page[#page - 1]
      return page
    end
    after = offset_of(entry)
    local expires = tonumber(entry[2][4])
    if not is_readable(entry) then
      page[4] = 0
      page[5] = page[5] + 1
    elseif is_hole(entry) then
      page[4] = 0
    elseif expires == 0 or expires > now then
      found = found + 1
      page[#page + 1] = text(after)
      page[#page + 1] = entry[2][10]
    end
  end
  if #entries <= limit then
    return page
  end
end
