package io.heliograph.protocol.stomp;

import io.heliograph.client.ClientContext;
import io.heliograph.client.LateAdmissions;
import io.heliograph.session.Encoding;
import io.heliograph.session.Framing;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** What all STOMP connections on one kind of transport share. */
final class StompContext {

  private final ClientContext clients;
  private final LateAdmissions admissions;
  private final SendHandler sends;
  private final int maxFrame;
  private final Counter nacks;
  private final Map<StompVersion, Encoding> encodings = new EnumMap<>(StompVersion.class);

  /**
   * @param maxFrame the most bytes of a client's frame
   */
  StompContext(
      ClientContext clients,
      LateAdmissions admissions,
      SendHandler sends,
      Framing framing,
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
    Arrays.stream(StompVersion.values())
        .forEach(version -> encodings.put(version, new Encoding(new StompCodec(version), framing)));
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

  Encoding encoding(StompVersion version) {
    return Objects.requireNonNull(encodings.get(version));
  }

  void nacked() {
    nacks.increment();
  }
}
