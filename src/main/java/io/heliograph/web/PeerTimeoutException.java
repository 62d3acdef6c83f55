package io.heliograph.web;

import java.util.concurrent.TimeoutException;

/** The peer did not send a request's body, or did not read its answer, in time. */
public final class PeerTimeoutException extends TimeoutException {

  private static final long serialVersionUID = 1L;

  public PeerTimeoutException(String message) {
    super(message);
  }
}
