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
 * The sources that may send callbacks.
 *
 * @param sources the sources by their name in /callbacks/<name>; the name wechat is reserved
 */
@ConfigurationProperties("heliograph.callbacks")
public record CallbackProperties(@DefaultValue Map<String, Source> sources) {

  /** The signature scheme. */
  public enum Scheme {
    STANDARD_WEBHOOKS,
    GITHUB,
    STRIPE
  }

  /**
   * One source of callbacks.
   *
   * @param secrets a signature by any of them is accepted, so that secrets can be rotated
   * @param tolerance maximum difference between the signed time and this node's clock
   * @param allowedTypes event types that it may send; empty: all login events, and message.push if
   *     it has allowed-channels
   * @param allowedChannels channels that it may publish to: a channel, or a prefix with an asterisk
   * @param maxBody maximum size of a body; larger ones are refused without being parsed
   * @param allowedOrigins origins that may use the CloudEvents handshake; empty: none
   * @param rate maximum number of callbacks per minute on one node
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
   * @param value as the sender displays it: whsec_…, whpk_… for a public Ed25519 key, or any text
   * @param notAfter from this time on it is not accepted; null: no end
   */
  public record Secret(String value, @Nullable Instant notAfter) {
    @Override
    public String toString() {
      return "Secret";
    }
  }
}
