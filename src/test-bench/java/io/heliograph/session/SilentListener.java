package io.heliograph.session;

import io.heliograph.message.Message;

/** Hears everything and does nothing. */
final class SilentListener implements SessionListener {

  @Override
  public void onWritten(Session session, Message message, boolean live) {}

  @Override
  public void onRoom(Session session) {}

  @Override
  public void onPending(Session session) {}

  @Override
  public void onOverflow(Session session) {}

  @Override
  public void onBroken(Session session) {}
}
