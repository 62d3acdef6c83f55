package io.heliograph.websocket;

import io.heliograph.session.WireProtocol;

/** Hands the browsers' protocol to measurements of other packages. */
public final class WireProtocols {

  private WireProtocols() {}

  public static WireProtocol json() {
    return new JsonProtocol();
  }
}
