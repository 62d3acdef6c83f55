package io.heliograph.support;

import io.heliograph.broker.Broker;
import io.heliograph.broker.BrokerListener;
import io.heliograph.broker.ReceiptWish;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.message.Published;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A broker in front of another one: tests decide about its announcements and its answers. */
public abstract class DelegatingBroker implements Broker {

  private @Nullable BrokerListener listener;

  /** The broker behind this one. */
  protected abstract Broker broker();

  /** What becomes of the answer to a read. */
  protected abstract <T> CompletableFuture<T> answer(Supplier<CompletableFuture<T>> ask);

  /** An announcement arrives. */
  protected final void announce(Message message) {
    BrokerListener current = listener;
    if (current != null) {
      current.onMessage(message);
    }
  }

  @Override
  public void start(BrokerListener newListener) {
    listener = newListener;
  }

  @Override
  public CompletableFuture<Published> publish(
      Channel channel, Draft draft, @Nullable ReceiptWish wish) {
    return broker().publish(channel, draft, wish);
  }

  @Override
  public CompletableFuture<History> history(Channel channel, @Nullable Position since, int limit) {
    return answer(() -> broker().history(channel, since, limit));
  }

  @Override
  public CompletableFuture<History> undelivered(Channel channel, int limit) {
    return answer(() -> broker().undelivered(channel, limit));
  }

  @Override
  public CompletableFuture<Position> head(Channel channel) {
    return answer(() -> broker().head(channel));
  }

  @Override
  public CompletableFuture<Void> subscribe(Channel channel) {
    return broker().subscribe(channel);
  }

  @Override
  public void unsubscribe(Channel channel) {
    broker().unsubscribe(channel);
  }

  @Override
  public void markDelivered(Channel channel, Position position) {
    broker().markDelivered(channel, position);
  }
}
