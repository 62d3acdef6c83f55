package io.heliograph.callback;

import java.time.Instant;
import org.springframework.http.HttpHeaders;

/** Verifies a callback's signature before its body is parsed; one implementation per scheme. */
interface SignatureVerifier {

  /**
   * @param body the raw bytes; a parsed and re-encoded body would have another signature
   */
  SignatureResult verify(HttpHeaders headers, byte[] body, Instant now);
}
