package io.heliograph.webhook;

import org.jspecify.annotations.Nullable;

/** The result of a request to an endpoint. */
public sealed interface WebhookResult {

  /**
   * A complete answer of any status; redirects are not followed.
   *
   * @param contentType as received; null if there is none
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answer(int status, @Nullable String contentType, byte[] body) implements WebhookResult {

    /** Whether the answer says that it is of this media type, with or without parameters. */
    public boolean is(String mediaType) {
      return contentType != null
          && contentType.split(";", 2)[0].strip().equalsIgnoreCase(mediaType);
    }
  }

  /** There is no complete answer. */
  enum Failure implements WebhookResult {
    /** The deadline passed. */
    TIMEOUT,
    /** The host resolves to an address that is not public. No connection was made. */
    INTERNAL_ADDRESS,
    /** No address, no connection, or no TLS. */
    UNREACHABLE,
    /** The answer has more bytes than allowed. */
    TOO_LARGE,
    /** The connection ended early, or the answer is not HTTP. */
    BROKEN
  }
}
