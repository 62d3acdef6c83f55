package io.heliograph.webhook;

import org.jspecify.annotations.Nullable;

/** What came of a request to an endpoint. */
public sealed interface WebhookResult {

  /**
   * A whole answer, whatever its status; redirects are not followed.
   *
   * @param contentType as it came; null: none
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Answer(int status, @Nullable String contentType, byte[] body) implements WebhookResult {

    /** Whether the answer says that it is of this media type, with or without parameters. */
    public boolean is(String mediaType) {
      return contentType != null
          && contentType.split(";", 2)[0].strip().equalsIgnoreCase(mediaType);
    }
  }

  /** There is no whole answer. */
  enum Failure implements WebhookResult {
    /** Not within the deadline. */
    TIMEOUT,
    /** The host resolves to an address that is not public. No connection was made. */
    INTERNAL_ADDRESS,
    /** No address, no connection, or no TLS. */
    UNREACHABLE,
    /** The answer has more bytes than are taken. */
    TOO_LARGE,
    /** The connection ended early, or what came is no HTTP. */
    BROKEN
  }
}
