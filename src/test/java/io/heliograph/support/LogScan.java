package io.heliograph.support;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/** Reads every log line while it is open, and knows the secrets that must not stand in any. */
public final class LogScan implements AutoCloseable {

  /** Shared by all scans: a token of one test may be logged late, in the next one. */
  private static final Set<String> SECRETS = ConcurrentHashMap.newKeySet();

  private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          String stack =
              event.getThrowableProxy() == null
                  ? ""
                  : ThrowableProxyUtil.asString(event.getThrowableProxy());
          lines.add(event.getFormattedMessage() + stack);
        }
      };

  public LogScan() {
    appender.setContext(root.getLoggerContext());
    appender.start();
    root.addAppender(appender);
  }

  public static String secret(String secret) {
    SECRETS.add(secret);
    return secret;
  }

  public void requireNoSecret() {
    for (String line : lines) {
      if (SECRETS.stream().anyMatch(line::contains)) {
        throw new AssertionError(
            "a secret was logged by a line of "
                + line.length()
                + " characters that begins with "
                + line.substring(0, Math.min(20, line.length())));
      }
    }
  }

  @Override
  public void close() {
    root.detachAppender(appender);
    appender.stop();
  }
}
