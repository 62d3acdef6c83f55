package io.heliograph.session;

import io.heliograph.message.Message;
import java.util.ArrayList;
import java.util.List;

/** Keeps what a session reported, in words. */
final class RecordingSessionListener implements SessionListener {

  final List<String> events = new ArrayList<>();

  @Override
  public synchronized void onWritten(Session session, Message message, boolean live) {
    events.add((live ? "live " : "read ") + message.position().offset());
  }

  @Override
  public synchronized void onRoom(Session session) {
    events.add("room");
  }

  @Override
  public synchronized void onPending(Session session) {
    events.add("pending");
  }

  @Override
  public synchronized void onOverflow(Session session) {
    events.add("overflow");
  }

  @Override
  public synchronized void onUnsendable(Session session, Message message, Throwable refusal) {
    events.add("unsendable " + message.position().offset());
  }

  int count(String event) {
    return (int) events.stream().filter(event::equals).count();
  }
}
