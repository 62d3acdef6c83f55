package io.heliograph.support;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A real Redis Cluster of three masters without replicas; the others go on when one dies. */
public final class RedisCluster implements AutoCloseable {

  /** As every tool deals them out. */
  private static final List<String[]> SLOTS =
      List.of(
          new String[] {"0", "5460"},
          new String[] {"5461", "10922"},
          new String[] {"10923", "16383"});

  private final List<RedisServer> masters;

  private RedisCluster(List<RedisServer> masters) {
    this.masters = masters;
  }

  /** Starts one, or has the test skipped. */
  public static RedisCluster running() {
    RedisServer.needsVersion(7);
    RedisCluster cluster =
        new RedisCluster(Stream.generate(RedisCluster::master).limit(SLOTS.size()).toList());
    cluster.form();
    return cluster;
  }

  private static RedisServer master() {
    return RedisServer.running(
        "--cluster-enabled",
        "yes",
        "--cluster-port",
        Integer.toString(RedisServer.freePort()),
        "--cluster-node-timeout",
        "1000",
        "--cluster-require-full-coverage",
        "no");
  }

  private void form() {
    RedisServer first = masters.getFirst();
    for (int i = 0; i < SLOTS.size(); i++) {
      masters.get(i).command("CLUSTER", "ADDSLOTSRANGE", SLOTS.get(i)[0], SLOTS.get(i)[1]);
      masters.get(i).command("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
      if (i > 0) {
        String port =
            masters.get(i).text("CONFIG", "GET", "cluster-port").lines().toList().getLast();
        first.command(
            "CLUSTER", "MEET", "127.0.0.1", Integer.toString(masters.get(i).port()), port);
      }
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                masters.stream()
                    .map(master -> master.text("CLUSTER", "INFO"))
                    .allMatch(
                        info ->
                            info.contains("cluster_state:ok")
                                && info.contains("cluster_known_nodes:3")));
  }

  public List<RedisServer> masters() {
    return masters;
  }

  /** Who has the keys of this hash tag. */
  public RedisServer masterOf(String tag) {
    int slot = Integer.parseInt(masters.getFirst().command("CLUSTER", "KEYSLOT", tag).substring(1));
    for (int i = 0; i < SLOTS.size(); i++) {
      if (slot <= Integer.parseInt(SLOTS.get(i)[1])) {
        return masters.get(i);
      }
    }
    throw new IllegalStateException("no slot " + slot);
  }

  /** As {@code spring.data.redis.cluster.nodes} wants them. */
  public String addresses() {
    return masters.stream()
        .map(master -> "127.0.0.1:" + master.port())
        .collect(Collectors.joining(","));
  }

  @Override
  public void close() {
    masters.forEach(RedisServer::close);
  }
}
