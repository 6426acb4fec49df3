"""How often one visitor or network address may do what; counted in Redis, for all processes of the installation."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from redis import Redis

from odziv.shared.redis_server import PREFIX, RedisAway, RedisServer, script
from odziv.web.limits import Limit, MovingWindows

# Both kinds of counts as `Window` and `Bucket` in odziv/web/limits.py have them, in microseconds of the server's clock.
# Should that be set back by more than a second, a count begins anew: else it would hold until the clock is there again.
HIT = script("""
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function wait_for_window(key, most, span)
  local last = redis.call('LINDEX', key, -1)
  if last and tonumber(last) > now + 1000000 then redis.call('DEL', key) end
  local first = redis.call('LINDEX', key, 0)
  while first and tonumber(first) <= now - span do
    redis.call('LPOP', key)
    first = redis.call('LINDEX', key, 0)
  end
  local count = redis.call('LLEN', key)
  if count < most then return 0 end
  local left = span
  if most > 0 then left = redis.call('LINDEX', key, count - most) + span - now end
  return math.max(1, math.floor(left / 1000000 + 0.5))
end

local function level_of(key, each)
  local found = redis.call('HMGET', key, 'level', 'looked')
  local level, looked = tonumber(found[1]) or 0, tonumber(found[2]) or now
  if looked > now + 1000000 then return 0 end
  return math.max(0, level - math.max(0, now - looked) / each)
end

local function wait_for_bucket(key, most, span)
  local excess = level_of(key, span / most) - (most - 1)
  if excess <= 1e-6 then return 0 end
  return math.max(1, math.ceil(excess * span / most / 1000000))
end

local function limit(number)
  return tonumber(ARGV[3 * number - 2]), tonumber(ARGV[3 * number - 1]), ARGV[3 * number] == 'refills'
end

local wait = 0
for number, key in ipairs(KEYS) do
  local most, span, refills = limit(number)
  wait = math.max(wait, (refills and wait_for_bucket or wait_for_window)(key, most, span))
end
if wait > 0 then return wait end
for number, key in ipairs(KEYS) do
  local most, span, refills = limit(number)
  if refills then
    local level = level_of(key, span / most) + 1
    redis.call('HSET', key, 'level', level, 'looked', now)
    redis.call('PEXPIRE', key, math.ceil(level * span / most / 1000))
  else
    redis.call('RPUSH', key, now)
    redis.call('PEXPIRE', key, math.ceil(span / 1000))
  end
end
return 0
""")
# Keys: the count as a window, and as a bucket; there is one of them at most.
TAKE_BACK = script("""
redis.call('RPOP', KEYS[1])
local level = tonumber(redis.call('HGET', KEYS[2], 'level'))
if level then redis.call('HSET', KEYS[2], 'level', math.max(0, level - 1)) end
return 0
""")
WINDOW, BUCKET = f"{PREFIX}window:", f"{PREFIX}bucket:"


class SharedWindows:
    """Counts as `MovingWindows` does, for all processes; while Redis is away, by `alone`, which is this process's.

    Addresses and accounts are personal data: Redis sees them as hashes keyed with a secret of the installation, and for
    no longer than they count.
    """

    def __init__(self, server: RedisServer, secret: str, alone: MovingWindows) -> None:
        self._server, self._alone = server, alone
        self._secret = hashlib.sha256(secret.encode()).digest()

    def hit(self, key: Hashable, most: int, seconds: float) -> int:
        """As in MovingWindows."""
        return self.hit_all({key: Limit(most, seconds)})

    def hit_all(self, limits: Mapping[Any, Limit]) -> int:
        """As in MovingWindows."""
        keys = [self._name(BUCKET if limit.refills else WINDOW, key) for key, limit in limits.items()]
        told: list[Any] = []
        for limit in limits.values():
            told += [limit.amount, round(limit.seconds * 1_000_000), "refills" if limit.refills else ""]
        wait = self._ask(lambda client: int(HIT(client, keys, told)))
        return self._alone.hit_all(limits) if wait is None else wait

    def take_back(self, key: Hashable) -> None:
        """As in MovingWindows."""
        if self._ask(lambda client: TAKE_BACK(client, self._names(key), [])) is None:
            self._alone.take_back(key)

    def clear(self, key: Hashable) -> None:
        """As in MovingWindows; also what was counted here while Redis was away."""
        self._ask(lambda client: client.delete(*self._names(key)))
        self._alone.clear(key)

    def _ask(self, ask: Callable[[Redis], Any]) -> Any | None:
        try:
            return self._server.call(ask)
        except RedisAway:
            return None

    def _names(self, key: Hashable) -> list[str]:
        return [self._name(WINDOW, key), self._name(BUCKET, key)]

    def _name(self, kind: str, key: Hashable) -> str:
        return kind + hashlib.blake2b(repr(key).encode(), key=self._secret, digest_size=16).hexdigest()
