package io.heliograph.callback;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Who may send callbacks.
 *
 * @param sources by the name that stands in /callbacks/<name>; wechat is taken
 */
@ConfigurationProperties("heliograph.callbacks")
public record CallbackProperties(@DefaultValue Map<String, Source> sources) {

  /** How a sender signs. */
  public enum Scheme {
    STANDARD_WEBHOOKS,
    GITHUB,
    STRIPE
  }

  /**
   * One sender.
   *
   * @param secrets any of them may have signed, so that they can be changed without a pause
   * @param tolerance how far the sender's time may be off, either way
   * @param allowedTypes what it may say; empty: all about logins, and message.push if it has
   *     channels
   * @param allowedChannels where it may push: the text form of a channel, or the beginning of one
   *     and *
   * @param maxBody larger bodies are refused unread
   * @param allowedOrigins who the CloudEvents handshake is answered for; empty: no one
   * @param rate the most callbacks a minute on one node
   * @param retired its callbacks are answered with 410, so that the sender stops
   */
  public record Source(
      @DefaultValue("standard-webhooks") Scheme scheme,
      @DefaultValue List<Secret> secrets,
      @DefaultValue("300s") Duration tolerance,
      @DefaultValue List<String> allowedTypes,
      @DefaultValue List<String> allowedChannels,
      @DefaultValue("64KB") DataSize maxBody,
      @DefaultValue List<String> allowedOrigins,
      @DefaultValue("6000") int rate,
      @DefaultValue("false") boolean retired) {}

  /**
   * @param value as the sender shows it: whsec_…, whpk_… for a public Ed25519 key, or any text
   * @param notAfter from then on it proves nothing; null: it has no end
   */
  public record Secret(String value, @Nullable Instant notAfter) {
    @Override
    public String toString() {
      return "Secret";
    }
  }
}
