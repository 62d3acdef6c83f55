-- Reads a page of the log, or with limit 0 where it stands. A write all the same: what is too old goes now.
-- A page ends before a hole, and one that begins with a hole is not complete: that something is missing has to be told
-- after the messages before it.
--
-- KEYS[1..3]  as in log.lua
-- ARGV[1..5]  as in log.lua
-- ARGV[6]     string  all: from the oldest; since: after ARGV[7], ARGV[8]; undelivered: after what was delivered
-- ARGV[7]     string  epoch
-- ARGV[8]     integer offset
-- ARGV[9]     integer the most messages
-- Answer      {epoch, head, through, 1 when complete, then for each message its offset and its text}; all text but the 1

open()
if trim() then
  save()
end
touch()

local limit = tonumber(ARGV[9])
local after = 0
local complete
if ARGV[6] == 'all' then
  complete = log.trimmed == 0
elseif ARGV[6] == 'undelivered' then
  after = log.delivered
  complete = after >= log.trimmed
elseif ARGV[7] ~= log.epoch then
  complete = false
else
  after = tonumber(ARGV[8])
  complete = after >= log.trimmed and after <= log.head
end

local page = {log.epoch, text(log.head), text(log.head), complete and 1 or 0}
if limit == 0 or after >= log.head then
  return page
end
local found = 0
while true do
  local entries = redis.call('XRANGE', KEYS[2], text(after + 1) .. '-0', '+', 'COUNT', limit + 1)
  for _, entry in ipairs(entries) do
    if found == limit or (found > 0 and is_hole(entry)) then
      page[3] = page[#page - 1]
      return page
    end
    after = offset_of(entry)
    local expires = tonumber(entry[2][4])
    if is_hole(entry) then
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
