package io.heliograph.login;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The user and phone that claimed a ticket.
 *
 * @param subject the provider's name for the user
 * @param phoneHash SHA-256 of the phone token
 * @param wrongCodes how many wrong match codes were entered
 * @param place the last known place of the phone
 * @param distance the distance of that place to the browser
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

  /** Omits the subject, which identifies a person and must not be logged. */
  @Override
  public String toString() {
    return "Claim[" + Subjects.masked(subject) + ']';
  }
}
