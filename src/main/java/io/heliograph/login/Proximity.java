package io.heliograph.login;

/** What to make of a phone that is far from the browser it speaks for. */
public enum Proximity {
  OFF,
  /** The phone's user is told, and so is the site's backend. */
  WARN,
  /** Only a phone that is known to be near may confirm. */
  BLOCK
}
