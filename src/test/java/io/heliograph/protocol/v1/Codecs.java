package io.heliograph.protocol.v1;

import io.heliograph.session.Codec;

/** Hands the browsers' protocol to measurements of other packages. */
public final class Codecs {

  private Codecs() {}

  public static Codec json() {
    return new JsonCodec();
  }
}
