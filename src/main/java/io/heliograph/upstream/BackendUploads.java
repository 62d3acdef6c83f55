package io.heliograph.upstream;

import io.heliograph.client.ClientRequest;
import io.heliograph.client.ClientUploads;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.ServerEvent.Problem;
import io.heliograph.upstream.BackendGuard.NotAsked;
import io.heliograph.webhook.WebhookClient;
import io.heliograph.webhook.WebhookSigner;
import io.heliograph.webhook.WebhookUpload;
import io.heliograph.webhook.WebhookUrl;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Sends each upload of a client to the backend as one request, whose body is written while the
 * bytes arrive.
 */
final class BackendUploads implements ClientUploads {

  private static final int MAX_NAME = 128;

  /** Type and subtype, with parameters or without (RFC 9110, section 8.3.1). */
  private static final Pattern CONTENT_TYPE =
      Pattern.compile("(?=.{1,128}$)[\\w!#$&^.+-]+/[\\w!#$&^.+-]+(?: *; *[\\x20-\\x7e]*)?");

  private static final String GROUP = "upload";
  private static final JsonFactory JSON = new JsonFactory();

  private final WebhookClient http;
  private final WebhookUrl url;
  private final WebhookSigner signer;
  private final BackendGuard guard;
  private final Limits limits;
  private final UpstreamMetrics metrics;
  private final Clock clock;

  /**
   * Limits of one upload.
   *
   * @param timeout the longest time without progress
   */
  record Limits(long maxUpload, Duration timeout, int maxAnswer) {}

  BackendUploads(
      WebhookClient http,
      WebhookUrl url,
      WebhookSigner signer,
      BackendGuard guard,
      Limits limits,
      UpstreamMetrics metrics,
      Clock clock) {
    this.http = http;
    this.url = url;
    this.signer = signer;
    this.guard = guard;
    this.limits = limits;
    this.metrics = metrics;
    this.clock = clock;
  }

  @Override
  public Opening open(Upload upload, Listener listener) {
    Problem wrong = check(upload.request());
    if (wrong != null) {
      return new Refused(wrong);
    }
    long size = upload.request().size();
    UploadDigest digest = new UploadDigest();
    // Before the place is taken, which only the request gives back.
    WebhookUpload request =
        http.upload(url, headers(upload), limits.timeout(), limits.maxAnswer(), digest::field);
    return switch (guard.enter(GROUP)) {
      case NotAsked why -> new Refused(BackendProblem.of(why));
      case BackendGuard.Place place ->
          new Opened(
              new BackendUpload(request, place, digest, size, listener, metrics),
              size < 0 ? limits.maxUpload() : size);
    };
  }

  private @Nullable Problem check(ClientRequest.Upload request) {
    String name = request.name();
    if (name.isEmpty()
        || name.length() > MAX_NAME
        || name.chars().anyMatch(Character::isISOControl)
        || name.codePoints()
            .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      return invalid("name: has to be 1 to " + MAX_NAME + " characters without control characters");
    }
    if (!CONTENT_TYPE.matcher(request.contentType()).matches()) {
      return invalid("contentType: has to be a media type of at most 128 characters");
    }
    if (request.size() > limits.maxUpload()) {
      return Problem.of(
          ProblemType.PAYLOAD_TOO_LARGE,
          "size: has to be at most "
              + limits.maxUpload()
              + " bytes (heliograph.upstream.max-upload)");
    }
    return null;
  }

  private static Problem invalid(String detail) {
    return Problem.of(ProblemType.INVALID_REQUEST, detail);
  }

  /**
   * The client's content type is not trusted, so it is not in the {@code Content-Type} header,
   * which frameworks act upon.
   */
  private Map<String, String> headers(Upload upload) {
    String about = about(upload);
    Map<String, String> headers =
        signer.sign(
            "upload_" + Backend.digest(upload.session() + '\n' + upload.request().id()),
            clock.instant(),
            about.getBytes(StandardCharsets.US_ASCII));
    headers.put("Heliograph-Upload", about);
    return headers;
  }

  /** JSON in ASCII, as headers require. */
  private static String about(Upload upload) {
    ClientRequest.Upload request = upload.request();
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      if (request.id() != null) {
        json.writeName("id");
        json.writeRawValue(request.id());
      }
      json.writeStringProperty("user", upload.identity().user());
      json.writeStringProperty("session", upload.session());
      json.writeStringProperty("name", request.name());
      json.writeStringProperty("contentType", request.contentType());
      if (request.size() >= 0) {
        json.writeNumberProperty("size", request.size());
      }
      json.writeEndObject();
    }
    StringBuilder ascii = new StringBuilder(text.getBuffer().length());
    text.getBuffer()
        .chars()
        .forEach(
            c -> {
              if (c < 0x7f) {
                ascii.append((char) c);
              } else {
                ascii.append("\\u%04x".formatted(c));
              }
            });
    return ascii.toString();
  }
}
