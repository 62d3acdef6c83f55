package io.heliograph.transport.engineio;

import io.heliograph.session.Codec;
import io.heliograph.session.Encoding;
import io.heliograph.session.Liveness;
import io.heliograph.session.TransportInfo;
import org.jspecify.annotations.Nullable;

/**
 * One path where clients of Engine.IO may connect. Every bean of this type is served.
 *
 * @param path exact
 * @param onPolling what {@link io.heliograph.session.Transport#info()} answers while a session is
 *     carried by polling
 * @param onSocket the same on a WebSocket
 * @param encoding one for both carriers
 * @param gate who may open a session
 * @param pollingRefusal why sessions may not be carried by polling, for the client and the log;
 *     null: they may
 */
public record EngineEndpoint(
    String path,
    EngineLimits limits,
    TransportInfo onPolling,
    TransportInfo onSocket,
    Encoding encoding,
    EngineGate gate,
    @Nullable String pollingRefusal) {

  /** The usual one for a protocol. */
  public static EngineEndpoint of(
      String path,
      EngineLimits limits,
      String protocol,
      Codec codec,
      EngineGate gate,
      @Nullable String pollingRefusal) {
    return new EngineEndpoint(
        path,
        limits,
        new TransportInfo("engineio-poll", protocol, Liveness.PING, true),
        new TransportInfo("engineio-websocket", protocol, Liveness.PING, false),
        new Encoding(codec, EngineFraming.TEXT),
        gate,
        pollingRefusal);
  }
}
