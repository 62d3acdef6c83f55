package io.heliograph.web;

import java.time.Duration;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Paths that pages of allowed origins may call (CORS, Fetch standard). {@code CorsFilter} handles
 * every bean of this type, including preflights.
 *
 * @param methods allowed methods, separated by commas
 * @param headers request headers that a page may set, separated by commas
 * @param credentials whether requests may carry cookies
 * @param maxAge how long a browser may cache the answer to a preflight
 */
public record CorsResource(
    PathPattern path, String methods, String headers, boolean credentials, Duration maxAge) {

  public CorsResource(
      String path, String methods, String headers, boolean credentials, Duration maxAge) {
    this(PathPatternParser.defaultInstance.parse(path), methods, headers, credentials, maxAge);
  }
}
