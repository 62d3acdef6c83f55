package io.heliograph.webhook;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
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

  /** Lookups at a time; more wait for their turn, and their requests for at most their deadline. */
  private static final int LOOKUPS = 4;

  private static final long IDLE_SECONDS = 10;

  private final Resolver resolver;
  private final Set<String> allowInternal;

  /**
   * Platform threads: a lookup blocks in native code and would keep the carrier of a virtual thread
   * for as long as a name server does not answer, and there is one carrier a core.
   */
  private final ThreadPoolExecutor lookups =
      new ThreadPoolExecutor(
          LOOKUPS,
          LOOKUPS,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          Thread.ofPlatform().name("heliograph-resolve-", 0).daemon().factory());

  AddressGuard(Resolver resolver, Set<String> allowInternal) {
    this.resolver = resolver;
    this.allowInternal =
        Set.copyOf(allowInternal.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList());
    lookups.allowCoreThreadTimeOut(true);
  }

  @Override
  public void resolve(
      String host,
      int port,
      Map<String, Object> context,
      Promise<List<InetSocketAddress>> promise) {
    lookups.execute(
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
