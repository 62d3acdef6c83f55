package io.heliograph.session;

/** Does nothing with what it is told of. */
final class SilentListener implements SessionListener {}
