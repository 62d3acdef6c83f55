package io.heliograph.login;

import io.heliograph.web.ClientAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where a browser or a phone is, as far as it is known.
 *
 * @param address an IP address in text form
 * @param country a code such as {@code CH}; null when nobody told
 */
public record Place(@Nullable String address, @Nullable String country, @Nullable String city) {

  public static final Place UNKNOWN = new Place(null, null, null);

  /** How near a phone is to the browser that it speaks for. */
  enum Distance {
    NEAR,
    FAR,
    UNKNOWN
  }

  Distance to(Place other) {
    ClientAddress here = ClientAddress.parse(address);
    ClientAddress there = ClientAddress.parse(other.address);
    if (here != null && there != null && here.network().equals(there.network())) {
      return Distance.NEAR;
    }
    if (country == null || other.country == null) {
      return Distance.UNKNOWN;
    }
    return country.equalsIgnoreCase(other.country) ? Distance.NEAR : Distance.FAR;
  }
}
