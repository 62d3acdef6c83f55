package io.heliograph.webhook;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * Resolves the host of each new connection and returns its addresses only if all of them are
 * public. The client connects to the addresses that were checked: a DNS answer that changes after
 * the check (DNS rebinding) has no effect.
 */
final class AddressGuard implements SocketAddressResolver {

  /** Looks up a name in DNS; blocks. */
  @FunctionalInterface
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  /** The host resolves to an address that is not public. The address is not in the message. */
  static final class InternalAddressException extends Exception {
    InternalAddressException() {
      super("the host resolves to an address that is not public", null, false, false);
    }
  }

  private final Resolver resolver;
  private final Set<String> allowInternal;

  AddressGuard(Resolver resolver, Set<String> allowInternal) {
    this.resolver = resolver;
    this.allowInternal =
        Set.copyOf(allowInternal.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList());
  }

  @Override
  public void resolve(
      String host,
      int port,
      Map<String, Object> context,
      Promise<List<InetSocketAddress>> promise) {
    Thread.ofVirtual()
        .name("heliograph-resolve")
        .start(
            () -> {
              List<InetSocketAddress> addresses;
              try {
                addresses = addresses(host, port);
              } catch (Exception e) {
                promise.failed(e);
                return;
              }
              promise.succeeded(addresses);
            });
  }

  private List<InetSocketAddress> addresses(String host, int port)
      throws UnknownHostException, InternalAddressException {
    InetAddress[] found = resolver.resolve(host);
    if (!allowInternal.contains(WebhookUrl.bare(host).toLowerCase(Locale.ROOT))
        && !Stream.of(found).allMatch(PublicAddresses::contain)) {
      throw new InternalAddressException();
    }
    return Stream.of(found).map(address -> new InetSocketAddress(address, port)).toList();
  }
}
