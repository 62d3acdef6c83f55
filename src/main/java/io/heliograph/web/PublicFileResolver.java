package io.heliograph.web;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.AbstractResource;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.web.servlet.resource.HttpResource;
import org.springframework.web.servlet.resource.ResourceResolver;
import org.springframework.web.servlet.resource.ResourceResolverChain;

/**
 * Resolves static files. A file that the build has compressed is sent compressed to clients that
 * accept gzip.
 *
 * <p>The client library is also served under names with the first 16 hexadecimal digits of its
 * SHA-256, {@code heliograph-<digest>.js} and {@code heliograph.min-<digest>.js}, which browsers
 * may cache forever. A name with another digest is answered with the current file and must not be
 * cached: a page that was made for another version keeps working, and no cache stores wrong content
 * under a digest.
 */
class PublicFileResolver implements ResourceResolver {

  private static final Pattern DIGEST_NAME =
      Pattern.compile("(heliograph(?:\\.min)?)-([0-9a-f]{16})\\.js");

  private static final String IMMUTABLE =
      Objects.requireNonNull(
          CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable().getHeaderValue());

  /** The digests by file name. */
  private final Map<String, String> digests = new ConcurrentHashMap<>();

  @Override
  public @Nullable Resource resolveResource(
      @Nullable HttpServletRequest request,
      String path,
      List<? extends Resource> locations,
      ResourceResolverChain chain) {
    Matcher digestName = DIGEST_NAME.matcher(path);
    String name = digestName.matches() ? digestName.group(1) + ".js" : path;
    Resource file = chain.resolveResource(request, name, locations);
    if (file == null) {
      return null;
    }
    HttpHeaders headers = new HttpHeaders();
    if (digestName.matches() && digestName.group(2).equals(digestOf(name, file))) {
      headers.set(HttpHeaders.CACHE_CONTROL, IMMUTABLE);
    }
    Resource content = file;
    Resource compressed = chain.resolveResource(request, name + ".gz", locations);
    if (compressed != null) {
      // With Origin, because this replaces the header that CorsFilter has set.
      headers.put(HttpHeaders.VARY, List.of(HttpHeaders.ACCEPT_ENCODING, HttpHeaders.ORIGIN));
      if (request != null && takesGzip(request.getHeader(HttpHeaders.ACCEPT_ENCODING))) {
        headers.set(HttpHeaders.CONTENT_ENCODING, "gzip");
        content = compressed;
      }
    }
    return headers.isEmpty() ? file : new FileWithHeaders(name, content, headers);
  }

  private String digestOf(String name, Resource file) {
    return digests.computeIfAbsent(name, _ -> PublicFiles.digest(file).substring(0, 16));
  }

  private static boolean takesGzip(@Nullable String acceptEncoding) {
    for (String coding : acceptEncoding == null ? new String[0] : acceptEncoding.split(",")) {
      String[] parts = coding.trim().split("\\s*;\\s*");
      if (parts[0].equalsIgnoreCase("gzip")) {
        return parts.length == 1 || !parts[1].matches("(?i)q=0(\\.0*)?");
      }
    }
    return false;
  }

  @Override
  public @Nullable String resolveUrlPath(
      String path, List<? extends Resource> locations, ResourceResolverChain chain) {
    return chain.resolveUrlPath(path, locations);
  }

  /** Has the requested name, which determines the content type. */
  private static final class FileWithHeaders extends AbstractResource implements HttpResource {

    private final String name;
    private final Resource content;
    private final HttpHeaders headers;

    FileWithHeaders(String name, Resource content, HttpHeaders headers) {
      this.name = name;
      this.content = content;
      this.headers = headers;
    }

    @Override
    public HttpHeaders getResponseHeaders() {
      return headers;
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return content.getInputStream();
    }

    @Override
    public long contentLength() throws IOException {
      return content.contentLength();
    }

    @Override
    public String getFilename() {
      return name;
    }

    @Override
    public String getDescription() {
      return content.getDescription();
    }
  }
}
