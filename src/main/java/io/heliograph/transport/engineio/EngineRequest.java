package io.heliograph.transport.engineio;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the query of a request says. Parameters of other clients' making, such as a cache buster,
 * are passed over.
 *
 * @param transport {@code polling} or {@code websocket}
 * @param sid the session; null: a handshake
 * @param error why the request is refused; null: it is not
 */
record EngineRequest(String transport, @Nullable String sid, @Nullable EngineError error) {

  static final String POLLING = "polling";
  static final String WEBSOCKET = "websocket";

  private static final String VERSION = "4";

  static EngineRequest parse(@Nullable String query) {
    Map<String, String> parameters = new HashMap<>();
    boolean repeated = false;
    for (String parameter : query == null ? new String[0] : query.split("&", -1)) {
      int equals = parameter.indexOf('=');
      String name = equals < 0 ? parameter : parameter.substring(0, equals);
      String value = equals < 0 ? "" : parameter.substring(equals + 1);
      repeated |= parameters.put(name, value) != null;
    }
    String transport = parameters.getOrDefault("transport", "");
    return new EngineRequest(transport, parameters.get("sid"), error(parameters, repeated));
  }

  private static @Nullable EngineError error(Map<String, String> parameters, boolean repeated) {
    if (!VERSION.equals(parameters.get("EIO"))) {
      return EngineError.UNSUPPORTED_VERSION;
    }
    String transport = parameters.getOrDefault("transport", "");
    if (!transport.equals(POLLING) && !transport.equals(WEBSOCKET)) {
      return EngineError.UNKNOWN_TRANSPORT;
    }
    // JSONP is a script of any page: it carries no Origin.
    return repeated || parameters.containsKey("j") ? EngineError.BAD_REQUEST : null;
  }
}
