package io.heliograph.hub;

import io.heliograph.broker.BrokerListener;
import io.heliograph.broker.ReceiptWish;
import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.session.EncodedMessage;
import io.heliograph.session.Session;
import io.heliograph.session.SessionRegistry;
import io.heliograph.session.Subscription;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * Delivers announced messages to all subscribers of their channels on this node. Channels with many
 * subscribers are walked by {@link FanOutWorkers}.
 */
final class FanOut implements BrokerListener, AutoCloseable {

  /** With fewer subscribers, waking up a worker costs more than it saves. */
  private static final int MIN_SUBSCRIBERS_FOR_WORKERS = 16;

  /** About one flush of a session; more would only fill its queue. */
  private static final int MAX_CHARACTERS_TOGETHER = 64 * 1024;

  /**
   * How many sessions are read before the first of them is written to. Between two messages,
   * thousands of other sessions use the cache, so visiting one session single stalls on memory
   * about a dozen times, one object after another. With several sessions the processor fetches them
   * in parallel.
   */
  private static final int READ_AHEAD = 16;

  private record ToMany(EncodedMessage announced, Subscription[] subscribers) {}

  private final SessionRegistry registry;
  private final Recovery recovery;
  private final DeliveryTracker deliveries;
  private final RemoteReceipts receipts;
  private final DeliveryLog log;
  private final Clock clock;
  private final FanOutWorkers<ToMany> workers;

  /** Keeps the results of the read-ahead, so that the compiler does not remove it. */
  @SuppressWarnings("UnusedVariable")
  private volatile int readAhead;

  FanOut(
      SessionRegistry registry,
      Recovery recovery,
      DeliveryTracker deliveries,
      RemoteReceipts receipts,
      DeliveryLog log,
      Clock clock,
      int workers) {
    this.registry = registry;
    this.recovery = recovery;
    this.deliveries = deliveries;
    this.receipts = receipts;
    this.log = log;
    this.clock = clock;
    this.workers = new FanOutWorkers<>(workers, this::walk);
  }

  @Override
  public void onMessage(Message message, ReceiptWish wish) {
    Runnable written = receipts.startReporting(message, wish);
    onMessage(message);
    written.run();
  }

  @Override
  public void onMessage(Message message) {
    Subscription[] subscribers = registry.subscribers(message.channel());
    boolean expired = message.expiredAt(clock.instant());
    deliveries.onAnnounced(message, expired ? 0 : subscribers.length);
    if (subscribers.length == 0 || expired) {
      return;
    }
    log.onFanOut(message, subscribers.length);
    EncodedMessage announced = new EncodedMessage(message);
    if (subscribers.length < MIN_SUBSCRIBERS_FOR_WORKERS) {
      List<EncodedMessage> single = List.of(announced);
      for (Subscription subscription : subscribers) {
        subscription.session().deliver(subscription, single);
      }
    } else {
      workers.submit(new ToMany(announced, subscribers));
    }
  }

  /** Consecutive messages with the same array of subscribers belong to one channel. */
  @SuppressWarnings("ReferenceEquality") // the registry's one snapshot
  private void walk(int worker, List<ToMany> batch) {
    int i = 0;
    while (i < batch.size()) {
      Subscription[] subscribers = batch.get(i).subscribers();
      List<EncodedMessage> messages = new ArrayList<>(batch.size() - i);
      int characters = 0;
      while (i < batch.size()
          && batch.get(i).subscribers() == subscribers
          && characters <= MAX_CHARACTERS_TOGETHER) {
        EncodedMessage announced = batch.get(i++).announced();
        messages.add(announced);
        characters += announced.message().data().length();
      }
      visit(worker, subscribers, messages);
    }
  }

  private void visit(int worker, Subscription[] subscribers, List<EncodedMessage> messages) {
    int read = 0;
    for (int from = 0; from < subscribers.length; from += READ_AHEAD) {
      int until = Math.min(subscribers.length, from + READ_AHEAD);
      for (int i = from; i < until; i++) {
        Session session = subscribers[i].session();
        if (workers.serves(worker, session)) {
          read += session.readAhead();
        }
      }
      for (int i = from; i < until; i++) {
        Subscription subscription = subscribers[i];
        Session session = subscription.session();
        if (workers.serves(worker, session)) {
          session.deliver(subscription, messages);
        }
      }
    }
    readAhead = read;
  }

  @Override
  public void onInterruption() {
    for (Session session : registry.sessions()) {
      session.subscriptions().forEach(recovery::suspect);
    }
  }

  @Override
  public void onInterruption(Channel channel) {
    for (Subscription subscription : registry.subscribers(channel)) {
      recovery.suspect(subscription);
    }
  }

  @Override
  public void close() {
    workers.close();
  }
}
