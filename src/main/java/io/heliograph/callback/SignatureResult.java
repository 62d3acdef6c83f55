package io.heliograph.callback;

import org.jspecify.annotations.Nullable;

/** What a signature says about a callback. */
sealed interface SignatureResult {

  /**
   * It is from who it says, and as it was sent.
   *
   * @param id the sender's id of the event; null when the scheme carries none in its headers
   * @param signedTime whether the signature covers a time that was checked
   * @param retiring an old secret proved it, one whose end is set
   */
  record Authentic(@Nullable String id, boolean signedTime, boolean retiring)
      implements SignatureResult {}

  /** It is signed, but not in the scheme's form. */
  record Malformed(String header, String reason) implements SignatureResult {}

  /** Anything else. There is no reason to tell apart: each would help a forger. */
  record Forged() implements SignatureResult {}
}
