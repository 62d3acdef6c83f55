package io.heliograph.upstream;

import io.heliograph.message.Channel;
import io.heliograph.publish.RawJson;
import io.heliograph.session.Identity;
import io.heliograph.webhook.WebhookClient;
import io.heliograph.webhook.WebhookResult;
import io.heliograph.webhook.WebhookSigner;
import io.heliograph.webhook.WebhookUrl;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Sends signed {@code client.call} requests to the backend. */
final class Backend {

  private static final JsonFactory JSON = new JsonFactory();

  private final WebhookClient http;
  private final WebhookUrl url;
  private final WebhookSigner signer;
  private final int maxAnswer;
  private final Clock clock;

  Backend(WebhookClient http, WebhookUrl url, WebhookSigner signer, int maxAnswer, Clock clock) {
    this.http = http;
    this.url = url;
    this.signer = signer;
    this.maxAnswer = maxAnswer;
    this.clock = clock;
  }

  /**
   * The content of a request.
   *
   * @param channel of the message to check; null for a call
   * @param event of the message to check; null for a call
   */
  record Question(
      String id,
      String method,
      String session,
      Identity identity,
      @Nullable Channel channel,
      @Nullable String event,
      RawJson data) {}

  /** As {@link WebhookClient#post}. */
  CompletableFuture<WebhookResult> ask(Question question, Duration timeout) {
    byte[] body = body(question);
    return http.post(
        url, signer.sign(question.id(), clock.instant(), body), body, timeout, maxAnswer);
  }

  /**
   * The text's SHA-256 as 43 characters of base64url, for ids that allow only certain characters.
   */
  static String digest(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private byte[] body(Question question) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256 + question.data().text().length());
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeStringProperty("type", "client.call");
      json.writeStringProperty(
          "timestamp", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
      json.writeObjectPropertyStart("data");
      json.writeStringProperty("method", question.method());
      if (question.identity().user() != null) {
        json.writeStringProperty("user", question.identity().user());
      }
      json.writeStringProperty("session", question.session());
      if (question.channel() != null) {
        json.writeStringProperty("channel", question.channel().text());
      }
      if (question.event() != null) {
        json.writeStringProperty("event", question.event());
      }
      json.writeName("data");
      json.writeRawValue(question.data().text());
      json.writeEndObject();
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }
}
