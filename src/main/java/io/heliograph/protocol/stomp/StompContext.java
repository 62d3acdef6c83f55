package io.heliograph.protocol.stomp;

import io.heliograph.client.ClientContext;
import io.heliograph.client.LateAdmissions;
import io.heliograph.session.Encoding;
import io.heliograph.session.Framing;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** What all STOMP connections share. */
final class StompContext {

  private final ClientContext clients;
  private final LateAdmissions admissions;
  private final SendHandler sends;
  private final int maxFrame;
  private final Counter nacks;
  private final Map<StompVersion, StompCodec> codecs = new EnumMap<>(StompVersion.class);

  /** One for all sessions of a version on a kind of transport: messages are shared by it. */
  private final Map<Encoding, Encoding> encodings = new ConcurrentHashMap<>();

  /**
   * @param maxFrame the most bytes of a client's frame
   */
  StompContext(
      ClientContext clients,
      LateAdmissions admissions,
      SendHandler sends,
      int maxFrame,
      MeterRegistry meters) {
    this.clients = clients;
    this.admissions = admissions;
    this.sends = sends;
    this.maxFrame = maxFrame;
    this.nacks =
        Counter.builder("heliograph.stomp.nacks")
            .description("NACK frames: nothing is delivered again")
            .register(meters);
    for (StompVersion version : StompVersion.values()) {
      codecs.put(version, new StompCodec(version));
    }
  }

  ClientContext clients() {
    return clients;
  }

  LateAdmissions admissions() {
    return admissions;
  }

  SendHandler sends() {
    return sends;
  }

  int maxFrame() {
    return maxFrame;
  }

  Encoding encoding(StompVersion version, Framing framing) {
    var encoding = new Encoding(Objects.requireNonNull(codecs.get(version)), framing);
    return encodings.computeIfAbsent(encoding, each -> each);
  }

  void nacked() {
    nacks.increment();
  }
}
