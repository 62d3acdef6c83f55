package io.heliograph.login;

import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * URLs of this service for phones and for WeChat, made from {@code
 * heliograph.login.public-base-url}.
 */
public final class PublicUrls {

  private final @Nullable URI base;

  /**
   * @param configured null when it is not set
   */
  public PublicUrls(@Nullable URI configured) {
    this.base =
        configured == null ? null : URI.create(configured.toString().replaceFirst("/$", ""));
  }

  /** Without a slash at the end; empty when it is not set. */
  public Optional<URI> base() {
    return Optional.ofNullable(base);
  }

  /**
   * The confirm page for one user; a path when no base is configured. The token is in the fragment,
   * which browsers send to no server and in no referrer.
   */
  public String confirmPage(String ticket, String phoneToken) {
    return (base == null ? "" : base) + "/l/" + ticket + "#k=" + phoneToken;
  }
}
