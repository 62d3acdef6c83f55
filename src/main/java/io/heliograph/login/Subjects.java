package io.heliograph.login;

/**
 * Makes the form of a user's id that may be logged: it distinguishes users from each other and does
 * not identify them.
 */
final class Subjects {

  private Subjects() {}

  static String masked(String subject) {
    return BearerSecrets.hash(subject).substring(0, 6) + '…';
  }
}
