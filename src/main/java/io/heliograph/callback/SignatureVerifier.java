package io.heliograph.callback;

import java.time.Instant;
import org.springframework.http.HttpHeaders;

/** Proves a callback before anything of its body is read; one implementation a scheme. */
interface SignatureVerifier {

  /**
   * @param body the bytes as they came; a body that was parsed and written again has another
   *     signature
   */
  SignatureResult verify(HttpHeaders headers, byte[] body, Instant now);
}
