package io.heliograph.hub;

import io.heliograph.message.Message;
import io.heliograph.session.Session;
import io.heliograph.session.SessionListener;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and logs messages that a codec refused, once for each message although every subscriber
 * and every read of the log meets it.
 */
final class UnsendableMessages implements SessionListener {

  private static final Logger log = LoggerFactory.getLogger(UnsendableMessages.class);

  /** How many message ids are remembered to avoid repeated log lines. */
  private static final int MOST = 1_000;

  private final HubMetrics metrics;

  /** Guarded by itself. */
  private final Set<String> known = new LinkedHashSet<>();

  UnsendableMessages(HubMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public void onUnsendable(Session session, Message message, Throwable refusal) {
    String protocol = session.transport().info().protocol();
    synchronized (known) {
      if (!known.add(message.id() + ' ' + protocol)) {
        return;
      }
      if (known.size() > MOST) {
        known.remove(known.iterator().next());
      }
    }
    metrics.unsendable();
    log.error(
        "Message {} on a {} channel cannot be encoded for {}; its subscribers were sent a gap",
        message.id(),
        message.channel().kind().tag(),
        protocol,
        refusal);
  }
}
