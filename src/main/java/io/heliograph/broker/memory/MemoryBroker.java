package io.heliograph.broker.memory;

import io.heliograph.broker.Broker;
import io.heliograph.broker.BrokerListener;
import io.heliograph.broker.LogProperties;
import io.heliograph.broker.ReceiptWish;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Ids;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.message.Published;
import java.time.Clock;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker of a single node. Its futures are always complete. Logs end with the process, which
 * their epoch shows.
 *
 * <p>One lock guards all logs: the work under it takes well under a microsecond, and the order of
 * last use over all channels needs it. Announcing happens outside the lock.
 */
final class MemoryBroker implements Broker {

  private static final Logger log = LoggerFactory.getLogger(MemoryBroker.class);

  /**
   * The most publishes of backends, and of clients, that are remembered to recognise a repeated
   * one.
   */
  private static final int ONCE_CAPACITY = 100_000;

  /** See {@link #beginningOf}. A power of two. */
  private static final int GENERATIONS = 1 << 14;

  /** Shared, because every subscribed channel keeps the future that subscribing returned. */
  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private record OnceKey(Channel channel, String once) {}

  private record Once(String id, Position position, Instant until) {}

  private final LogProperties bounds;
  private final Clock clock;
  private final String epochBase = Ids.random(6);

  /** The position of most channels without a log. Shared, because every subscription keeps it. */
  private final Position beginning = new Position(epochBase + '0', 0);

  private final Object lock = new Object();

  // Guarded by the lock. Logs are ordered by last use, least recent first.
  private final LinkedHashMap<Channel, ChannelLog> logsByChannel =
      new LinkedHashMap<>(16, 0.75f, true);
  private final LinkedHashMap<OnceKey, Once> onceByKey = new LinkedHashMap<>();

  /** Apart, so that clients that publish without end push no key of a backend out. */
  private final LinkedHashMap<OnceKey, Once> onceByKeyOfClient = new LinkedHashMap<>();

  private final int[] generations = new int[GENERATIONS];
  private long totalBytes;

  private final Set<Channel> subscribed = ConcurrentHashMap.newKeySet();
  private volatile @Nullable BrokerListener listener;

  MemoryBroker(LogProperties bounds, Clock clock) {
    this.bounds = bounds;
    this.clock = clock;
  }

  @Override
  public void start(BrokerListener newListener) {
    listener = newListener;
  }

  @Override
  public CompletableFuture<Published> publish(
      Channel channel, Draft draft, @Nullable ReceiptWish wish) {
    Instant now = clock.instant();
    ChannelLog channelLog;
    Published published;
    synchronized (lock) {
      // Under the lock: a node that subscribes too late for the announcement finds the message when
      // it reads the log.
      int nodes = subscribed.contains(channel) ? 1 : 0;
      String once = draft.once();
      OnceKey onceKey = once == null ? null : new OnceKey(channel, once);
      SequencedMap<OnceKey, Once> remembered = draft.from() == null ? onceByKey : onceByKeyOfClient;
      if (onceKey != null) {
        Once earlier = remembered.get(onceKey);
        if (earlier != null && now.isBefore(earlier.until())) {
          return CompletableFuture.completedFuture(
              new Published(earlier.id(), earlier.position(), nodes, true));
        }
      }
      channelLog = logsByChannel.computeIfAbsent(channel, this::newLog);
      totalBytes -= channelLog.totalBytes();
      Message message = channelLog.append(draft, now);
      totalBytes += channelLog.totalBytes();
      published = new Published(message.id(), message.position(), nodes, false);
      if (onceKey != null) {
        remember(
            remembered,
            onceKey,
            new Once(message.id(), message.position(), now.plus(draft.rememberFor())));
      }
      evictIdlest(channelLog);
      if (nodes > 0) {
        channelLog.toAnnounce(new ChannelLog.Unannounced(message, wish));
      }
    }
    announce(channelLog);
    return CompletableFuture.completedFuture(published);
  }

  @Override
  public CompletableFuture<History> history(Channel channel, @Nullable Position since, int limit) {
    synchronized (lock) {
      ChannelLog channelLog = logsByChannel.get(channel);
      if (channelLog != null) {
        totalBytes -= channelLog.totalBytes();
        History history = channelLog.after(since, limit, clock.instant());
        totalBytes += channelLog.totalBytes();
        return CompletableFuture.completedFuture(history);
      }
      return CompletableFuture.completedFuture(empty(channel, since));
    }
  }

  @Override
  public CompletableFuture<History> undelivered(Channel channel, int limit) {
    synchronized (lock) {
      ChannelLog channelLog = logsByChannel.get(channel);
      if (channelLog == null) {
        return CompletableFuture.completedFuture(empty(channel, null));
      }
      // Reading trims the log, too.
      totalBytes -= channelLog.totalBytes();
      History history = channelLog.undelivered(limit, clock.instant());
      totalBytes += channelLog.totalBytes();
      return CompletableFuture.completedFuture(history);
    }
  }

  @Override
  public CompletableFuture<Position> head(Channel channel) {
    synchronized (lock) {
      ChannelLog channelLog = logsByChannel.get(channel);
      return CompletableFuture.completedFuture(
          channelLog == null ? beginningOf(channel) : channelLog.head());
    }
  }

  @Override
  public CompletableFuture<Void> subscribe(Channel channel) {
    subscribed.add(channel);
    return DONE;
  }

  @Override
  public void unsubscribe(Channel channel) {
    subscribed.remove(channel);
  }

  @Override
  public void markDelivered(Channel channel, Position position) {
    synchronized (lock) {
      ChannelLog channelLog = logsByChannel.get(channel);
      if (channelLog != null) {
        channelLog.markDelivered(position);
      }
    }
  }

  /**
   * Announces outside the lock. The first thread announces for all, which keeps the order without
   * making publishers wait for each other.
   */
  private void announce(ChannelLog channelLog) {
    synchronized (lock) {
      if (channelLog.announcing) {
        return;
      }
      channelLog.announcing = true;
    }
    while (true) {
      ChannelLog.Unannounced next;
      synchronized (lock) {
        next = channelLog.unannounced.poll();
        if (next == null) {
          channelLog.announcing = false;
          return;
        }
      }
      BrokerListener current = listener;
      if (current != null) {
        try {
          if (next.wish() == null) {
            current.onMessage(next.message());
          } else {
            current.onMessage(next.message(), next.wish());
          }
        } catch (RuntimeException | Error e) {
          // The message is in the log, where subscriptions that it did not reach find it. Errors
          // are caught too; else nothing would announce this channel's messages any more.
          log.error("Announcing a message on {} failed", next.message().channel().kind().tag(), e);
        }
      }
    }
  }

  /** The size of all logs, as the bound counts it. */
  long totalBytes() {
    synchronized (lock) {
      return totalBytes;
    }
  }

  /** The same, computed from the logs; for tests. */
  long countedAnew() {
    synchronized (lock) {
      return logsByChannel.values().stream().mapToLong(ChannelLog::totalBytes).sum();
    }
  }

  int logs() {
    synchronized (lock) {
      return logsByChannel.size();
    }
  }

  private ChannelLog newLog(Channel channel) {
    totalBytes += ChannelLog.LOG_OVERHEAD;
    return new ChannelLog(channel, bounds, beginningOf(channel));
  }

  private void evictIdlest(ChannelLog butNot) {
    long max = bounds.maxTotalBytes().toBytes();
    Iterator<ChannelLog> idlestFirst = logsByChannel.values().iterator();
    while (totalBytes > max && idlestFirst.hasNext()) {
      ChannelLog idlest = idlestFirst.next();
      if (idlest != butNot) {
        idlestFirst.remove();
        totalBytes -= idlest.totalBytes();
        generations[bucket(idlest.channel())]++;
      }
    }
  }

  private static void remember(SequencedMap<OnceKey, Once> remembered, OnceKey onceKey, Once once) {
    remembered.remove(onceKey);
    remembered.put(onceKey, once);
    if (remembered.size() > ONCE_CAPACITY) {
      remembered.pollFirstEntry();
    }
  }

  private History empty(Channel channel, @Nullable Position since) {
    Position head = beginningOf(channel);
    return new History(List.of(), head, head, since == null || since.equals(head));
  }

  /**
   * A channel without a log has a position, too; without it a session that subscribes before the
   * first message could not know later whether it missed any. An epoch for each channel ever named
   * would be unbounded, so channels share generations by hash: evicting a log changes the epoch of
   * its bucket, and subscriptions to another channel of that bucket that has no log may see a loss
   * that did not happen. The reverse cannot happen.
   */
  private Position beginningOf(Channel channel) {
    int generation = generations[bucket(channel)];
    return generation == 0
        ? beginning
        : new Position(epochBase + Integer.toString(generation, 36), 0);
  }

  private static int bucket(Channel channel) {
    int hash = channel.hashCode();
    return (hash ^ (hash >>> 16)) & (GENERATIONS - 1);
  }
}
