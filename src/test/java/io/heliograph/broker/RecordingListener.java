package io.heliograph.broker;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Keeps what was announced, and lets a test wait for it. */
public final class RecordingListener implements BrokerListener {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<Message> announced = new ArrayList<>();
  private volatile Consumer<Message> before = message -> {};

  /** Runs ahead of the recording; for listeners that fail. */
  public void before(Consumer<Message> action) {
    before = action;
  }

  @Override
  public void onMessage(Message message) {
    before.accept(message);
    synchronized (announced) {
      announced.add(message);
      announced.notifyAll();
    }
  }

  @Override
  public void onInterruption() {}

  /** What was announced on the channel, once there are at least so many. */
  public List<Message> awaitOn(Channel channel, int count) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    synchronized (announced) {
      while (true) {
        List<Message> soFar = announced.stream().filter(m -> m.channel().equals(channel)).toList();
        if (soFar.size() >= count) {
          return soFar;
        }
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new AssertionError(
              "announced on " + channel + " in time: " + soFar.size() + " of " + count);
        }
        announced.wait(left);
      }
    }
  }
}
