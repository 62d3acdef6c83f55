-- Changes a value beside a log before publish.lua, which then publishes the change in the same step. It is put between
-- versioned.lua and publish.lua.
--
-- KEYS[1..3]   as in log.lua
-- KEYS[4]      hash    the value, as in versioned.lua
-- ARGV[1..15]  as in publish.lua
-- ARGV[16..21] the arguments of the function in versioned.lua, from `from` on
-- Answer       {0} when the change was not made; otherwise the answer of publish.lua

-- publish.lua would take the fourth key for the one that remembers a draft.
local value = table.remove(KEYS)
if not change(value, unpack(ARGV, 16, 21)) then
  return {0}
end
