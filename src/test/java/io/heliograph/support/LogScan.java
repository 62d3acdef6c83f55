package io.heliograph.support;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;

/** Reads every log line while it is open, and knows the secrets that must not stand in any. */
public final class LogScan implements AutoCloseable {

  private static final int TOKEN_LENGTH = 43;
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_-]*");

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

  /** Words so long that a random token fits in. */
  private static final Pattern LONG_WORD = Pattern.compile("[A-Za-z0-9_-]{" + TOKEN_LENGTH + ",}");

  /** What is a secret by its form, also when no test said so. */
  private static final Pattern SECRET_FORM =
      Pattern.compile(
          "whsec_[A-Za-z0-9+/]{8}|#k=[A-Za-z0-9_-]{8}|eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8}"
              + "|(?<![A-Za-z0-9_/.$-])(?=[A-Za-z_-]*[0-9])(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_/.$-])");

  static boolean betrays(String line) {
    boolean roomForToken = LONG_WORD.matcher(line).find();
    return SECRET_FORM.matcher(line).find()
        || SECRETS.stream()
            .anyMatch(s -> (roomForToken || s.length() < TOKEN_LENGTH) && line.contains(s))
        || SECRETS.stream().anyMatch(s -> !WORD.matcher(s).matches() && line.contains(s));
  }

  public void requireNoSecret() {
    requireNoSecret(lines);
  }

  static void requireNoSecret(Iterable<String> lines) {
    for (String line : lines) {
      if (betrays(line)) {
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
