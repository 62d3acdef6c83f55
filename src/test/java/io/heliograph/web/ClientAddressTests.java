package io.heliograph.web;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientAddressTests {

  @ParameterizedTest
  @CsvSource({
    "192.0.2.7,192.0.2.7,192.0.2.7",
    "' 192.0.2.7 ',192.0.2.7,192.0.2.7",
    "192.0.2.7:443,192.0.2.7,192.0.2.7",
    "::ffff:192.0.2.7,192.0.2.7,192.0.2.7",
    "::FFFF:c000:207,192.0.2.7,192.0.2.7",
    "[::ffff:192.0.2.7]:80,192.0.2.7,192.0.2.7",
    "::,::,::/64",
    "::1,::1,::/64",
    "[0:0:0:0:0:0:0:1],::1,::/64",
    "2001:0DB8:0:1:0:0:0:2,2001:db8:0:1::2,2001:db8:0:1::/64",
    "2001:db8::1:0:0:1,2001:db8::1:0:0:1,2001:db8::/64",
    "2001:db8:0:0:1:0:0:0,2001:db8:0:0:1::,2001:db8::/64",
    "2001:db8:1:2:3:4:5:6,2001:db8:1:2:3:4:5:6,2001:db8:1:2::/64",
    "2001:db8:1:2:0:4:5:6,2001:db8:1:2:0:4:5:6,2001:db8:1:2::/64",
    "1:0:0:2:0:0:0:3,1:0:0:2::3,1:0:0:2::/64",
    "fe80::1%eth0,fe80::1,fe80::/64",
    "[2001:db8::9]:51234,2001:db8::9,2001:db8::/64"
  })
  void addressesAreNormalized(String written, String text, String network) {
    ClientAddress address = requireNonNull(ClientAddress.parse(written));
    assertThat(address).isEqualTo(ClientAddress.parse(text)).hasToString(text);
    assertThat(address.network()).isEqualTo(network);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "unknown",
        "_hidden",
        "localhost",
        "example.com",
        "1",
        "1.2.3",
        "256.1.1.1",
        "1.2.3.4.5",
        "1.2.3.4:",
        "1.2.3.4:x",
        "1.2.3.4:123456",
        "0x7f.0.0.1",
        "[1.2.3.4]",
        "[::1",
        "::1]",
        ":::",
        "1:2:3:4:5:6:7:8:9",
        "12345::",
        "::%",
        "[]",
        "[::1]x",
        "\u0661.1.1.1",
        "a:b"
      })
  void invalidTextIsRefusedWithoutDns(String text) {
    assertThat(ClientAddress.parse(text)).as(text).isNull();
  }

  @Test
  void nullIsNotAnAddress() {
    assertThat(ClientAddress.parse(null)).isNull();
  }

  @Test
  void loopbackIsRecognisedInBothFamilies() {
    assertThat(requireNonNull(ClientAddress.parse("127.9.9.9")).isLoopback()).isTrue();
    assertThat(requireNonNull(ClientAddress.parse("::1")).isLoopback()).isTrue();
    assertThat(requireNonNull(ClientAddress.parse("::ffff:127.0.0.1")).isLoopback()).isTrue();
    assertThat(requireNonNull(ClientAddress.parse("192.0.2.1")).isLoopback()).isFalse();
  }
}
