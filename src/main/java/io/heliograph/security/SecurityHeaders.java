package io.heliograph.security;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.springframework.security.web.header.HeaderWriter;
import org.springframework.security.web.header.writers.CacheControlHeadersWriter;
import org.springframework.security.web.header.writers.ContentSecurityPolicyHeaderWriter;
import org.springframework.security.web.header.writers.HstsHeaderWriter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.header.writers.XContentTypeOptionsHeaderWriter;
import org.springframework.security.web.header.writers.XXssProtectionHeaderWriter;
import org.springframework.security.web.header.writers.frameoptions.XFrameOptionsHeaderWriter;
import org.springframework.stereotype.Component;

/** The security headers of every answer, for the filter chains and for endpoints outside them. */
@Component
public final class SecurityHeaders {

  /** No inline scripts or styles, no resources of other origins, no embedding in frames. */
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors"
          + " 'none'";

  private final List<HeaderWriter> writers =
      List.of(
          new XContentTypeOptionsHeaderWriter(),
          new XXssProtectionHeaderWriter(),
          new CacheControlHeadersWriter(),
          new HstsHeaderWriter(),
          new XFrameOptionsHeaderWriter(XFrameOptionsHeaderWriter.XFrameOptionsMode.DENY),
          new ContentSecurityPolicyHeaderWriter(CONTENT_SECURITY_POLICY),
          new ReferrerPolicyHeaderWriter(ReferrerPolicy.NO_REFERRER));

  List<HeaderWriter> writers() {
    return writers;
  }

  public void write(HttpServletRequest request, HttpServletResponse response) {
    for (HeaderWriter writer : writers) {
      writer.writeHeaders(request, response);
    }
  }
}
