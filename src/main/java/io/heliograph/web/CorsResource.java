package io.heliograph.web;

import java.time.Duration;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Paths that pages of allowed origins may call and read (the Fetch standard's CORS protocol). Every
 * bean of this type is answered for by the CORS filter, preflights included.
 *
 * @param methods those that are allowed, separated by commas
 * @param headers those that a page may set, separated by commas
 * @param credentials whether cookies may come along
 * @param maxAge how long a browser may remember the answer to a preflight
 */
public record CorsResource(
    PathPattern path, String methods, String headers, boolean credentials, Duration maxAge) {

  public CorsResource(
      String path, String methods, String headers, boolean credentials, Duration maxAge) {
    this(PathPatternParser.defaultInstance.parse(path), methods, headers, credentials, maxAge);
  }
}
