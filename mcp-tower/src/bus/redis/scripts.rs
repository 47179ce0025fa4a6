//! What Redis does in one step, and how it keeps facts.

use crate::bus::Fact;
use bytes::Bytes;
use std::time::Duration;

/// Keeps a fact and publishes it, unless there are too many.
///
/// Keys: the hash and the index of facts. Arguments: key, value, milliseconds to live, the most
/// facts, the channel, the frame.
pub(super) const REMEMBER: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, over in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do
  redis.call('HDEL', KEYS[1], over)
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0
  and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then
  return 0
end
local ends = string.format('%.0f', now + ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], ends .. ':' .. ARGV[2])
redis.call('ZADD', KEYS[2], ends, ARGV[1])
for _, key in ipairs(KEYS) do
  if redis.call('PTTL', key) < tonumber(ARGV[3]) then
    redis.call('PEXPIRE', key, ARGV[3])
  end
end
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 1
";

/// Appends to a log, all or nothing. Returns 1, or 0 when it would hold too much, or -1 when there
/// are too many logs.
///
/// An entry is its number and -0, holds the bytes `e`, and says in `t` how many bytes the log has
/// with it. Keys: the stream and the index of logs. Arguments: the name, milliseconds to live, the
/// most logs, the most entries, the most bytes, the bytes of all entries here, the entries.
pub(super) const APPEND: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local is_new = redis.call('EXISTS', KEYS[1]) == 0
if is_new and redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) then
  return -1
end
local held, bytes, added = 0, 0, #ARGV - 6
if not is_new then
  held = redis.call('XLEN', KEYS[1])
  local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  if last then bytes = tonumber(last[2][4]) end
end
if held + added > tonumber(ARGV[4]) or bytes + ARGV[6] > tonumber(ARGV[5]) then
  return 0
end
if is_new then
  redis.call('XADD', KEYS[1], '0-1', 'e', '', 't', 0)
  redis.call('XDEL', KEYS[1], '0-1')
end
for index = 1, added do
  local entry = ARGV[index + 6]
  bytes = bytes + #entry
  redis.call('XADD', KEYS[1], string.format('%d-0', held + index), 'e', entry, 't', bytes)
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], string.format('%.0f', now + ARGV[2]), ARGV[1])
if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
end
return 1
";

/// Reads a fact as [`REMEMBER`] keeps it; `None` when it is over, or was kept by something else.
pub(super) fn kept_fact(key: Bytes, kept: Bytes, now: Duration) -> Option<Fact> {
    let colon = memchr::memchr(b':', &kept)?;
    let ends: u64 = str::from_utf8(&kept[..colon]).ok()?.parse().ok()?;
    let ttl = Duration::from_millis(ends).checked_sub(now)?;
    let key = String::from_utf8(key.into()).ok()?;
    (!ttl.is_zero()).then(|| Fact::new(key, kept.slice(colon + 1..), ttl))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_facts_that_are_not_over_are_read() {
        let now = Duration::from_micros(1_000_500);
        let read = |kept: &'static str| kept_fact(Bytes::from_static(b"k"), kept.into(), now);
        let fact = Fact::new("k".to_owned(), "v:".into(), Duration::from_micros(1_500));
        assert_eq!(read("1002:v:"), Some(fact));
        for kept in ["1000:v", "1:v", "v", ":v", "x:v", "-1002:v", ""] {
            assert_eq!(read(kept), None, "{kept}");
        }
    }
}
