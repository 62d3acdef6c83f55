package io.heliograph.broker.redis;

import io.heliograph.redis.RedisScript;

/** The scripts of the broker, one atomic step each. */
enum BrokerScript {
  PUBLISH("publish", "log", "publish"),
  /** The same in metrics, since the change takes no time beside it. */
  CHANGE_AND_PUBLISH("publish", "log", "redis/versioned", "change", "publish"),
  HISTORY("history", "log", "history"),
  DELIVERED("delivered", "delivered"),
  LEASE("lease", "lease"),
  /** Its tag is older than its name. */
  SEND("tell", "send");

  private final String tag;
  private final RedisScript script;

  BrokerScript(String tag, String... files) {
    this.tag = tag;
    this.script = RedisScript.of(BrokerScript.class, files);
  }

  /** The tag in metrics. */
  String tag() {
    return tag;
  }

  RedisScript script() {
    return script;
  }
}
