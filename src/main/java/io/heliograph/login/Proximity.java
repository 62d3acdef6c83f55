package io.heliograph.login;

/** How to treat a phone that is far from the browser whose login it confirms. */
public enum Proximity {
  OFF,
  /** The phone's user and the site's backend get a warning. */
  WARN,
  /** Only a phone that is known to be near can confirm. */
  BLOCK
}
