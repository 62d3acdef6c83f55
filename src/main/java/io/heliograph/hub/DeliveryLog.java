package io.heliograph.hub;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.TraceParent;
import io.heliograph.session.Session;
import io.heliograph.session.SessionListener;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Logs the delivery of traced messages: for a message to a user, session or login each write, for a
 * broadcast one line per node. Only messages that were published with a sampled {@code traceparent}
 * are logged, so the caller controls the volume. Lines contain neither the data nor the channel's
 * id.
 */
final class DeliveryLog implements SessionListener {

  private static final Logger log = LoggerFactory.getLogger(DeliveryLog.class);

  private final Clock clock;

  DeliveryLog(Clock clock) {
    this.clock = clock;
  }

  @Override
  public void onWritten(Session session, Message message, boolean live) {
    TraceParent trace = message.trace();
    if (trace != null && trace.isSampled() && !isBroadcast(message.channel())) {
      entry(message, trace)
          .addKeyValue("heliograph.delivery", live ? "live" : "recovered")
          .addKeyValue(
              "event.duration", Duration.between(message.time(), clock.instant()).toNanos())
          .log("Message {} was written to a session", message.id());
    }
  }

  void onFanOut(Message message, int subscribers) {
    TraceParent trace = message.trace();
    if (trace != null && trace.isSampled() && isBroadcast(message.channel())) {
      entry(message, trace).log("Message {} goes to {} sessions", message.id(), subscribers);
    }
  }

  private static boolean isBroadcast(Channel channel) {
    return switch (channel) {
      case Channel.Everyone _, Channel.Topic _ -> true;
      case Channel.User _, Channel.OneSession _, Channel.Login _ -> false;
    };
  }

  private static LoggingEventBuilder entry(Message message, TraceParent trace) {
    return log.atInfo()
        .addKeyValue("trace.id", trace.traceId())
        .addKeyValue("span.id", trace.spanId())
        .addKeyValue("heliograph.channel.kind", message.channel().kind().tag())
        .addKeyValue("heliograph.message.id", message.id());
  }
}
