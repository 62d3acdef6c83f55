package io.heliograph.session;

/**
 * What a kind of transport is and can do; one object for all its sessions.
 *
 * @param kind the tag {@code transport} of metrics, of a closed set: {@code websocket}, …
 * @param protocol the tag {@code protocol} of metrics, of a closed set: {@code heliograph}, …
 * @param detachable whether a session may be without a connection for a while, as between two
 *     polls. A write then waits for the next one, and the transport ends the session if none comes
 */
public record TransportInfo(String kind, String protocol, Liveness liveness, boolean detachable) {}
