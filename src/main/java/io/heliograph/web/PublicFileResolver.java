package io.heliograph.web;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
 * Finds the files that pages load. A file that the build has compressed is sent compressed to
 * clients that take gzip.
 *
 * <p>The client library has names with the first 16 hexadecimal digits of its SHA-256 as well,
 * {@code heliograph-<digest>.js} and {@code heliograph.min-<digest>.js}, which browsers keep for
 * good. Any other digest gets the present file, which is not kept: a page that names the digest of
 * a server that was replaced works on, and no cache holds wrong content under a name.
 */
class PublicFileResolver implements ResourceResolver {

  private static final Pattern DIGEST_NAME =
      Pattern.compile("(heliograph(?:\\.min)?)-([0-9a-f]{16})\\.js");

  private static final String IMMUTABLE =
      CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable().getHeaderValue();

  /** Of the files that have a name with a digest. */
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
      // Origin: this takes the place of what CorsFilter has set.
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

  /** Named as it was asked for, which decides the content type. */
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
