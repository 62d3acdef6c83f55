package io.heliograph.protocol.socketio;

/** A packet is well-formed, but asks for something that cannot be. */
final class InvalidRequestException extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * @param detail for the client
   */
  InvalidRequestException(String detail) {
    super(detail, null, false, false);
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
