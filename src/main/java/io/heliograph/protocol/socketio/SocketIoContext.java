package io.heliograph.protocol.socketio;

import io.heliograph.client.ClientContext;
import io.heliograph.client.LateAdmissions;
import io.heliograph.message.Ids;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What all conversations share, so that each holds one reference to it. */
final class SocketIoContext {

  private final ClientContext clients;
  private final LateAdmissions admissions;
  private final @Nullable KeptSessions kept;
  private final int maxSubscriptions;
  private final Clock clock;
  private final Counter recovered;
  private final Counter lost;

  /**
   * @param kept null: nothing is recovered by a private id
   * @param maxSubscriptions the most channels that a session may follow
   */
  SocketIoContext(
      ClientContext clients,
      LateAdmissions admissions,
      @Nullable KeptSessions kept,
      int maxSubscriptions,
      Clock clock,
      MeterRegistry meters) {
    this.clients = clients;
    this.admissions = admissions;
    this.kept = kept;
    this.maxSubscriptions = maxSubscriptions;
    this.clock = clock;
    this.recovered = recoveries("recovered", meters);
    this.lost = recoveries("lost", meters);
  }

  private static Counter recoveries(String outcome, MeterRegistry meters) {
    return Counter.builder("heliograph.socketio.recoveries")
        .description("Clients of Socket.IO that asked to recover a session")
        .tag("outcome", outcome)
        .register(meters);
  }

  ClientContext clients() {
    return clients;
  }

  LateAdmissions admissions() {
    return admissions;
  }

  int maxSubscriptions() {
    return maxSubscriptions;
  }

  Clock clock() {
    return clock;
  }

  // Recovery --------------------------------------------------------------------------------------

  boolean recovers() {
    return kept != null;
  }

  String newPrivateId() {
    return Ids.random128();
  }

  /**
   * @param keyHigh the first half of the {@link #key}
   */
  void keep(long keyHigh, long keyLow, KeptSession session) {
    if (kept != null) {
      kept.keep(text(keyHigh, keyLow), session);
    }
  }

  /** May fail, where the store does not answer. */
  CompletableFuture<@Nullable KeptSession> take(String privateId) {
    if (kept == null) {
      return CompletableFuture.completedFuture(null);
    }
    ByteBuffer key = key(privateId);
    return kept.take(text(key.getLong(), key.getLong()));
  }

  private static String text(long high, long low) {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }

  void count(boolean asRecovered) {
    (asRecovered ? recovered : lost).increment();
  }

  /** A digest, so that neither a session nor the store holds what a session could be taken with. */
  static ByteBuffer key(String privateId) {
    try {
      return ByteBuffer.wrap(
          MessageDigest.getInstance("SHA-256").digest(privateId.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
