package io.heliograph.login;

/**
 * How a log may name a user: enough to tell two apart beside each other, too little to know who it
 * is.
 */
final class Subjects {

  private Subjects() {}

  static String masked(String subject) {
    return BearerSecrets.hash(subject).substring(0, 6) + '…';
  }
}
