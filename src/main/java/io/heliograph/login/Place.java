package io.heliograph.login;

import io.heliograph.web.ClientAddress;
import org.jspecify.annotations.Nullable;

/**
 * The location of a browser or a phone, as far as it is known.
 *
 * @param address an IP address in text form
 * @param country a code such as {@code CH}; null when unknown
 */
public record Place(@Nullable String address, @Nullable String country, @Nullable String city) {

  public static final Place UNKNOWN = new Place(null, null, null);

  /** The distance of a phone to the browser whose login it confirms. */
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
