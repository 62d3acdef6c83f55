package io.heliograph.support;

import io.heliograph.broker.BusListener;
import io.heliograph.broker.BusMessage;
import io.heliograph.broker.ClusterBus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The bus between nodes in a test's hands: it keeps what is sent, brings it to other nodes of the
 * test if there are any, and says what the test has others say.
 */
public final class RecordingBus implements ClusterBus {

  /**
   * @param to null: all
   */
  public record Sent(@Nullable String to, Kind kind, String text) {}

  private final String self;
  private final Map<String, RecordingBus> network;
  private final Map<Kind, BusListener> listenersByKind = new EnumMap<>(Kind.class);
  private final List<Sent> sent = new ArrayList<>();
  private CompletableFuture<Set<String>> others = CompletableFuture.completedFuture(Set.of());

  private RecordingBus(String self, Map<String, RecordingBus> network) {
    this.self = self;
    this.network = network;
  }

  /** One node; the others are named by {@link #others}. */
  public static RecordingBus alone(String self) {
    return new RecordingBus(self, Map.of());
  }

  /** Nodes that receive from each other at once. */
  public static List<RecordingBus> network(String... names) {
    Map<String, RecordingBus> network = new LinkedHashMap<>();
    for (String name : names) {
      network.put(name, new RecordingBus(name, network));
    }
    return List.copyOf(network.values());
  }

  /** Who is said to be there. */
  public void others(String... names) {
    others = CompletableFuture.completedFuture(Set.of(names));
  }

  /** What telling all answers. */
  public void others(CompletableFuture<Set<String>> answer) {
    others = answer;
  }

  /** Another node sends this. */
  public void receive(String from, Kind kind, String text, Duration ago) {
    BusListener listener = listenersByKind.get(kind);
    if (listener != null) {
      listener.onMessage(new BusMessage(from, text, ago, ago));
    }
  }

  public List<Sent> sent() {
    return List.copyOf(sent);
  }

  public List<String> texts(Kind kind) {
    return sent.stream().filter(each -> each.kind() == kind).map(Sent::text).toList();
  }

  @Override
  public String self() {
    return self;
  }

  @Override
  public int count() {
    return Math.max(1, network.size());
  }

  @Override
  public void listen(Kind kind, BusListener listener) {
    listenersByKind.put(kind, listener);
  }

  @Override
  public CompletableFuture<Set<String>> sendToAll(Kind kind, String text) {
    sent.add(new Sent(null, kind, text));
    if (network.isEmpty()) {
      return others;
    }
    Set<String> there = new HashSet<>(network.keySet());
    there.remove(self);
    there.forEach(name -> pass(name, kind, text));
    return CompletableFuture.completedFuture(there);
  }

  @Override
  public CompletableFuture<Void> send(String node, Kind kind, String text) {
    sent.add(new Sent(node, kind, text));
    pass(node, kind, text);
    return CompletableFuture.completedFuture(null);
  }

  private void pass(String node, Kind kind, String text) {
    RecordingBus peer = network.get(node);
    if (text.length() > MAX_TEXT) {
      throw new AssertionError("longer than a text may be: " + text.length());
    }
    if (peer != null) {
      peer.receive(self, kind, text, Duration.ZERO);
    }
  }
}
