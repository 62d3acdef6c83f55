package io.heliograph.web;

import java.util.concurrent.TimeoutException;

/** The peer of a request did not send its body, or take its answer, in time. */
public final class PeerTimeoutException extends TimeoutException {

  private static final long serialVersionUID = 1L;

  public PeerTimeoutException(String message) {
    super(message);
  }
}
