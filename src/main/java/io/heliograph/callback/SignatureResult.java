package io.heliograph.callback;

import org.jspecify.annotations.Nullable;

/** The result of verifying a callback's signature. */
sealed interface SignatureResult {

  /**
   * The signature is valid.
   *
   * @param id the sender's id of the event; null when the scheme's headers hold none
   * @param signedTime whether the signature covers a time that was checked
   * @param retiring the matching secret has an end
   */
  record Authentic(@Nullable String id, boolean signedTime, boolean retiring)
      implements SignatureResult {}

  /** A header of the scheme is malformed. */
  record Malformed(String header, String reason) implements SignatureResult {}

  /** Any other failure. It has no reason, because a reason would help an attacker. */
  record Forged() implements SignatureResult {}
}
