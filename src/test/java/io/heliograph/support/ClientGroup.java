package io.heliograph.support;

import static org.awaitility.Awaitility.await;

import io.heliograph.support.TestBackend.Answer;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/** The clients of an experiment, and the chronicle of what happens to them. */
public final class ClientGroup implements AutoCloseable {

  private final Chronicle chronicle = new Chronicle();
  private final Supplier<List<Integer>> ports;
  private final Duration mostDelay;
  private final List<ReturningBrowser> browsers = new ArrayList<>();
  private final Set<String> users = new LinkedHashSet<>();
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build();
  private final ScheduledExecutorService scheduler =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("clients").daemon().unstarted(task));

  /**
   * @param ports of the nodes that clients try, one after the other
   * @param mostDelay before a client that lost its line tries the next
   */
  public ClientGroup(Supplier<List<Integer>> ports, Duration mostDelay) {
    this.ports = ports;
    this.mostDelay = mostDelay;
  }

  /** Users of this name and a number, spread over the nodes, once all are welcomed. */
  public List<ReturningBrowser> join(TestBackend backend, String name, int count) {
    return join(backend, name, count, "");
  }

  /**
   * @param tab distinguishes clients of the same user
   */
  public List<ReturningBrowser> join(TestBackend backend, String name, int count, String tab) {
    List<ReturningBrowser> joined = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String user = name + "-" + i;
      String token = backend.token(user, "2h", new String[0]);
      joined.add(new ReturningBrowser(this, user + tab, token, i));
      users.add(user);
    }
    browsers.addAll(joined);
    joined.forEach(ReturningBrowser::connect);
    awaitReady();
    return joined;
  }

  public void awaitReady() {
    await()
        .alias("all clients are connected and have resumed")
        .atMost(Duration.ofSeconds(30))
        .until(() -> browsers.stream().allMatch(ReturningBrowser::isReady));
  }

  public Chronicle chronicle() {
    return chronicle;
  }

  public List<ReturningBrowser> browsers() {
    return List.copyOf(browsers);
  }

  /** Whom they are. */
  public List<String> users() {
    return List.copyOf(users);
  }

  public List<String> names() {
    return browsers.stream().map(ReturningBrowser::name).toList();
  }

  /** Waits until everything that was accepted is where it belongs, then checks all promises. */
  public void check(TestBackend backend) {
    check(backend, Duration.ofSeconds(20));
  }

  public void check(TestBackend backend, Duration patience) {
    awaitReady();
    List<String> names = names();
    try {
      await()
          .atMost(patience)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> chronicle.isSettled(names));
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      // The check says better what is missing.
    }
    List<String> channels = new ArrayList<>(users.stream().map(user -> "user:" + user).toList());
    channels.add("everyone");
    channels.forEach(channel -> keep(backend, channel));
    chronicle.check(names);
  }

  private void keep(TestBackend backend, String channel) {
    String since = "";
    while (true) {
      Answer log = backend.get("/v1/channels/" + channel + "/messages?limit=100" + since);
      if (log.status() != 200) {
        throw new AssertionError(log.toString());
      }
      JsonNode messages = log.json().get("messages");
      for (JsonNode message : messages) {
        chronicle.kept(
            channel, message.get("position").asString(), message.get("data").asString(""));
      }
      if (messages.size() < 100) {
        return;
      }
      since = "&since=" + messages.get(messages.size() - 1).get("position").asString();
    }
  }

  List<Integer> ports() {
    return ports.get();
  }

  Duration mostDelay() {
    return mostDelay;
  }

  HttpClient http() {
    return http;
  }

  ScheduledExecutorService scheduler() {
    return scheduler;
  }

  @Override
  public void close() {
    browsers.forEach(ReturningBrowser::leave);
    scheduler.shutdownNow();
    http.shutdownNow();
  }
}
