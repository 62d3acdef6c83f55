package io.heliograph.demo;

import io.heliograph.security.WebhookSecret;
import jakarta.annotation.PreDestroy;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The port on which Heliograph reaches the backend of the examples, for clients' calls and uploads.
 */
@Component
@ConditionalOnProperty("heliograph-demonstration")
class DemoPort extends Handler.Abstract {

  private final DemoBackend backend;
  private final JsonMapper json;
  private final WebhookSecret secret;
  private final Server server = new Server();

  DemoPort(
      DemoBackend backend,
      JsonMapper json,
      @Value("${heliograph.upstream.secret}") String secret,
      DemoSettings.Port port)
      throws Exception {
    this.backend = backend;
    this.json = json;
    this.secret = WebhookSecret.parse("heliograph.upstream.secret", secret);
    ServerConnector connector = new ServerConnector(server, 1, 1);
    connector.open(port.socket());
    server.addConnector(connector);
    server.setHandler(this);
    server.start();
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    try (InputStream body = Content.Source.asInputStream(request)) {
      boolean upload = Request.getPathInContext(request).equals("/uploads");
      Object answer = upload ? uploaded(request, body) : called(request, body.readAllBytes());
      response.getHeaders().put("Content-Type", "application/json");
      Content.Sink.write(response, true, json.writeValueAsString(answer), callback);
    } catch (IllegalArgumentException e) {
      Response.writeError(request, response, callback, HttpStatus.BAD_REQUEST_400, e.getMessage());
    }
    return true;
  }

  private Object called(Request request, byte[] body) {
    requireSigned(request.getHeaders(), body);
    JsonNode call = json.readTree(body).path("data");
    return backend.called(
        call.path("method").asString(), call.path("user").asString(), call.path("data"));
  }

  private Object uploaded(Request request, InputStream body) throws Exception {
    String about = request.getHeaders().get("Heliograph-Upload");
    requireSigned(request.getHeaders(), about.getBytes(StandardCharsets.UTF_8));
    DemoBackend.Upload upload = backend.uploaded(body);
    HttpFields trailers = request.getTrailers();
    HttpField digest = trailers == null ? null : trailers.getField("Content-Digest");
    String ours = "sha-256=:" + Base64.getEncoder().encodeToString(upload.sha256()) + ":";
    if (digest == null || !ours.equals(digest.getValue())) {
      throw new IllegalArgumentException("Content-Digest is not the digest of what came");
    }
    return Map.of("length", upload.length(), "sha256", HexFormat.of().formatHex(upload.sha256()));
  }

  /** As Standard Webhooks say; a real backend also refuses a timestamp that is not of now. */
  private void requireSigned(HttpFields headers, byte[] content) {
    String before = headers.get("webhook-id") + '.' + headers.get("webhook-timestamp") + '.';
    byte[] signature = secret.sign(before.getBytes(StandardCharsets.US_ASCII), content);
    String ours = "v1," + Base64.getEncoder().encodeToString(signature);
    String theirs = String.valueOf(headers.get("webhook-signature"));
    if (!MessageDigest.isEqual(
        ours.getBytes(StandardCharsets.US_ASCII), theirs.getBytes(StandardCharsets.US_ASCII))) {
      throw new IllegalArgumentException("not signed by Heliograph");
    }
  }

  @PreDestroy
  void close() throws Exception {
    server.stop();
  }
}
