package io.heliograph.upstream;

import io.heliograph.message.Utf8;
import io.heliograph.publish.RawJson;
import io.heliograph.webhook.WebhookResult;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;

/** Reads JSON of the backend with the same rules as the data of messages. */
final class BackendJson {

  private BackendJson() {}

  /** Null when the answer is not JSON. */
  static @Nullable RawJson value(WebhookResult.Answer answer) {
    if (!answer.is("application/json")) {
      return null;
    }
    try {
      return RawJson.parse(Utf8.decode(answer.body(), 0, answer.body().length));
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
