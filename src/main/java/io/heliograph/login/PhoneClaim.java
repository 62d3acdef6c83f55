package io.heliograph.login;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whose phone has the ticket.
 *
 * @param subject the provider's name for the user
 * @param phoneHash SHA-256 of the phone token
 * @param wrongCodes match codes missed
 * @param place where the phone was when it was last heard of
 * @param distance how near that was to the browser
 */
public record PhoneClaim(
    String subject,
    @Nullable String unionId,
    String phoneHash,
    Instant scannedAt,
    @Nullable Instant confirmedAt,
    int wrongCodes,
    Place place,
    Place.Distance distance) {

  public PhoneClaim {
    Objects.requireNonNull(subject);
    Objects.requireNonNull(phoneHash);
    Objects.requireNonNull(scannedAt);
    Objects.requireNonNull(place);
    Objects.requireNonNull(distance);
  }

  PhoneClaim missed() {
    return new PhoneClaim(
        subject, unionId, phoneHash, scannedAt, confirmedAt, wrongCodes + 1, place, distance);
  }

  PhoneClaim confirmed(Instant now, Place where, Place.Distance howNear) {
    return new PhoneClaim(subject, unionId, phoneHash, scannedAt, now, wrongCodes, where, howNear);
  }

  /** A subject is a person: it is for no log. */
  @Override
  public String toString() {
    return "Claim[" + Subjects.masked(subject) + ']';
  }
}
