package io.heliograph.bench.server;

/** Whom a browser of the load belongs to. */
public enum Audience {
  /** It is connected, as cheaply as the server allows, and nobody pushes to it. */
  NOBODY,
  /** All of them follow one topic. */
  TOPIC,
  /** The same, but each reads an event stream in place of a WebSocket. */
  STREAMS,
  /** Each has an address of its own. */
  EACH
}
