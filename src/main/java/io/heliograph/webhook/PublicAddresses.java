package io.heliograph.webhook;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;

/**
 * Distinguishes addresses of the public internet from all others (the special-purpose registries of
 * RFC 6890). An IPv6 address that embeds an IPv4 address counts as not public, whatever it embeds:
 * no endpoint needs such an address, and translators differ in the address that they reach.
 */
final class PublicAddresses {

  /** A block of addresses: those whose first bits are those of the base. */
  private record Block(byte[] base, int bits) {

    static Block of(int bits, int... base) {
      byte[] bytes = new byte[base.length];
      for (int i = 0; i < base.length; i++) {
        bytes[i] = (byte) base[i];
      }
      return new Block(bytes, bits);
    }

    boolean contains(byte[] address) {
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        int index = bit / 8;
        int expected = index < base.length ? base[index] & mask : 0;
        if ((address[index] & mask) != expected) {
          return false;
        }
      }
      return true;
    }
  }

  private static final List<Block> NOT_PUBLIC_V4 =
      List.of(
          Block.of(8, 0), // this network, and unspecified
          Block.of(8, 10), // private
          Block.of(10, 100, 64), // shared by carriers
          Block.of(8, 127), // loopback
          Block.of(16, 169, 254), // link-local, and the metadata services of clouds
          Block.of(12, 172, 16), // private
          Block.of(24, 192, 0, 0), // protocol assignments
          Block.of(24, 192, 0, 2), // documentation
          Block.of(24, 192, 88, 99), // 6to4 relays
          Block.of(16, 192, 168), // private
          Block.of(15, 198, 18), // benchmarks
          Block.of(24, 198, 51, 100), // documentation
          Block.of(24, 203, 0, 113), // documentation
          Block.of(4, 224), // multicast
          Block.of(4, 240)); // reserved, and broadcast

  /** Global unicast. All other addresses are not public: fc00::/7, fe80::/10, ff00::/8, ::/96. */
  private static final Block GLOBAL_V6 = Block.of(3, 0x20);

  private static final List<Block> NOT_PUBLIC_V6 =
      List.of(
          Block.of(23, 0x20, 0x01, 0x00), // protocol assignments, with Teredo
          Block.of(32, 0x20, 0x01, 0x0d, 0xb8), // documentation
          Block.of(16, 0x20, 0x02), // 6to4
          Block.of(20, 0x3f, 0xff, 0x00)); // documentation

  private PublicAddresses() {}

  static boolean contain(InetAddress address) {
    byte[] bytes = address.getAddress();
    return address instanceof Inet4Address
        ? NOT_PUBLIC_V4.stream().noneMatch(block -> block.contains(bytes))
        : GLOBAL_V6.contains(bytes)
            && NOT_PUBLIC_V6.stream().noneMatch(block -> block.contains(bytes));
  }
}
