package io.heliograph.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Serves static files with an ETag and {@code no-cache}: browsers revalidate them each time, so
 * that page, library and server match after a rollout. {@link PublicFileResolver} has the
 * exceptions. Ordered before Boot's handler, which uses the file's time; in a reproducible archive
 * that never changes.
 */
@Configuration(proxyBeanMethods = false)
@Order(-1)
class PublicFiles implements WebMvcConfigurer {

  /** Bounded by the number of files in the archive. */
  private final Map<String, String> tagsByFile = new ConcurrentHashMap<>();

  @Override
  public void addResourceHandlers(ResourceHandlerRegistry registry) {
    registry
        .addResourceHandler("/**")
        .addResourceLocations("classpath:/static/")
        .setCacheControl(CacheControl.noCache())
        .setUseLastModified(false)
        .setEtagGenerator(
            file ->
                tagsByFile.computeIfAbsent(
                    file.getDescription(), _ -> '"' + digest(file).substring(0, 32) + '"'))
        .resourceChain(false)
        .addResolver(new PublicFileResolver());
  }

  /** SHA-256 of the file's content, in hexadecimal. */
  static String digest(Resource file) {
    try (InputStream content = file.getInputStream()) {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      new DigestInputStream(content, sha256).transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(sha256.digest());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
