package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.client.ClientContext;
import io.heliograph.protocol.lines.LinesClient;
import io.heliograph.security.BrowserTokens;
import io.heliograph.security.Verification;
import io.heliograph.session.Identity;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Another protocol, without JSON, on a transport in memory. */
class InMemoryConversationTests extends ConversationContract {

  private static final long PATIENCE_SECONDS = 30;

  @Autowired ClientContext context;
  @Autowired BrowserTokens tokens;

  @Override
  Client connect(@Nullable String token) {
    LinesClient client = new LinesClient(context, identity(token));
    return new Client() {

      @Override
      public void send(Map<String, String> request) {
        client.send(request);
      }

      @Override
      public void sendGarbage() {
        client.sendGarbage();
      }

      @Override
      public Map<String, String> next() {
        try {
          Map<String, String> event = client.arrived().poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
          assertThat(event).as("the next event").isNotNull();
          Map<String, String> fields = new LinkedHashMap<>(event);
          // Data is a JSON text, as it was published.
          fields.computeIfPresent("data", (_, json) -> json.replace("\"", ""));
          return fields;
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException(e);
        }
      }

      @Override
      public void stopsReading() {
        client.stopsReading();
      }

      @Override
      public void readsOn() {
        client.readsOn();
      }

      @Override
      public void close() {
        client.close();
      }
    };
  }

  @Test
  void whatCannotCarryBytesRefusesAnUpload() {
    try (Client client = connect(null)) {
      assertThat(client.next()).containsEntry("type", "welcome");
      client.send(Map.of("type", "upload", "id", "1", "name", "voice", "contentType", "audio/ogg"));
      assertThat(client.next()).containsEntry("id", "1").containsEntry("status", "501");
    }
  }

  private Identity identity(@Nullable String token) {
    if (token == null) {
      return Identity.ANONYMOUS;
    }
    var accepted = ((Verification.Accepted) tokens.verify(token)).token();
    return new Identity(
        accepted.user(),
        accepted.channels(),
        accepted.publish(),
        accepted.upload(),
        accepted.expiresAt());
  }
}
