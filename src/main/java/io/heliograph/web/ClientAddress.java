package io.heliograph.web;

import jakarta.servlet.ServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The IP address of a request's client, as used by limits, logins and session lists. Parsed without
 * DNS and normalized: IPv4-mapped IPv6 becomes IPv4, the zone is dropped, the text form is that of
 * RFC 5952.
 */
public final class ClientAddress {

  private static final ClientAddress UNKNOWN = new ClientAddress(new byte[4]);

  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");
  private static final Pattern PORT = Pattern.compile("(:\\d{1,5})?");

  /** A subscriber line or a host usually has a /64 and can use all its addresses. */
  private static final int NETWORK_GROUPS = 4;

  private static final int GROUPS = 8;

  private final byte[] bytes;

  private ClientAddress(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The client's address of a request; behind trusted proxies the one that they report, see {@link
   * CallerProperties}.
   */
  public static ClientAddress of(ServletRequest request) {
    ClientAddress address = parse(request.getRemoteAddr());
    return address == null ? UNKNOWN : address;
  }

  public static ClientAddress of(InetAddress address) {
    return new ClientAddress(address.getAddress());
  }

  /**
   * Parses an address as proxies write it: with or without a port, IPv6 with or without brackets.
   *
   * @return null for anything else, such as {@code unknown}, an obfuscated identifier or a host
   *     name
   */
  public static @Nullable ClientAddress parse(@Nullable String text) {
    if (text == null) {
      return null;
    }
    String host = text.strip();
    String port = "";
    int colon = host.indexOf(':');
    if (host.startsWith("[")) {
      int end = host.indexOf(']');
      if (end < 0 || colon < 0) {
        return null;
      }
      port = host.substring(end + 1);
      host = host.substring(1, end);
    } else if (colon >= 0 && colon == host.lastIndexOf(':')) {
      port = host.substring(colon);
      host = host.substring(0, colon);
    }
    int zone = host.indexOf('%');
    if (zone > 0 && zone < host.length() - 1 && host.indexOf(':') >= 0) {
      host = host.substring(0, zone);
    }
    Pattern form = host.indexOf(':') >= 0 ? IPV6 : IPV4;
    if (!PORT.matcher(port).matches() || !form.matcher(host).matches()) {
      return null;
    }
    try {
      return of(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /**
   * The key of per-address limits: an IPv4 address, or the /64 of an IPv6 address, within which a
   * caller can choose any address.
   */
  public String network() {
    return bytes.length == 4 ? text() : text(NETWORK_GROUPS) + "/64";
  }

  public boolean isLoopback() {
    return inet().isLoopbackAddress();
  }

  public InetAddress inet() {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 bytes", e);
    }
  }

  public String text() {
    return bytes.length == 4
        ? (bytes[0] & 0xff)
            + "."
            + (bytes[1] & 0xff)
            + "."
            + (bytes[2] & 0xff)
            + "."
            + (bytes[3] & 0xff)
        : text(GROUPS);
  }

  /** RFC 5952: the longest run of zero groups, the first of equal ones, becomes {@code ::}. */
  private String text(int groups) {
    int start = -1;
    int length = 1; // a single zero group is not shortened
    for (int i = 0; i < GROUPS; i++) {
      int end = i;
      while (end < GROUPS && group(end, groups) == 0) {
        end++;
      }
      if (end - i > length) {
        start = i;
        length = end - i;
      }
      i = Math.max(i, end - 1);
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == start) {
        text.append("::");
        i += length - 1;
      } else {
        text.append(i == 0 || text.charAt(text.length() - 1) == ':' ? "" : ":")
            .append(Integer.toHexString(group(i, groups)));
      }
    }
    return text.toString();
  }

  private int group(int i, int groups) {
    return i < groups ? ((bytes[2 * i] & 0xff) << 8) | (bytes[2 * i + 1] & 0xff) : 0;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ClientAddress that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return text();
  }
}
