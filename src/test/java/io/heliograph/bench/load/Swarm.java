package io.heliograph.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Thousands of browsers of one kind. They come in at times that are said beforehand, come back when
 * they are refused or cut, and are counted and timed together.
 */
public final class Swarm implements Loop.Pace {

  /** Several addresses, so that neither ports run out nor one address has all connections. */
  private static final int ADDRESSES = 32;

  /** Opened one behind the other; then those who are connected speak, as browsers would at once. */
  private static final int OPENED_IN_ONE_TURN = 32;

  private static final long LONGEST_NANOS = 120_000_000_000L;

  /** Who is to come in, and when. */
  private record Arrival(long dueNanos, int index) implements Comparable<Arrival> {
    @Override
    public int compareTo(Arrival other) {
      return Long.compare(dueNanos, other.dueNanos);
    }
  }

  private final Loop loop;
  private final InetSocketAddress server;
  private final IntFunction<Greeting> greetings;
  private final PriorityQueue<Arrival> arrivals = new PriorityQueue<>();
  private final List<@Nullable Browser> browsers = new ArrayList<>();
  private final Histogram handshakes = new Histogram(LONGEST_NANOS, 3);
  private final Histogram deliveries = new Histogram(LONGEST_NANOS, 3);
  private final Map<String, Integer> losses = new TreeMap<>();

  private int underWay;
  private int mostUnderWay = Integer.MAX_VALUE;
  private int ready;
  private long messages;
  private long reads;
  private int refused;
  private int retryAfters;
  private int broken;
  private int slowEvery;
  private int slowReceiveBuffer;

  public Swarm(Loop loop, InetSocketAddress server, IntFunction<Greeting> greetings) {
    this.loop = loop;
    this.server = server;
    this.greetings = greetings;
  }

  /** At most so many handshakes are under way at a time; by default any number. */
  public Swarm atOnce(int most) {
    mostUnderWay = most;
    return this;
  }

  /** Each so-manieth browser has a small buffer and may be told to stop reading. */
  public Swarm slowOne(int every, int receiveBuffer) {
    slowEvery = every;
    slowReceiveBuffer = receiveBuffer;
    return this;
  }

  // Coming and going ------------------------------------------------------------------------------

  /** Opens until there are so many, and waits until each is where it wants to be. */
  public void growTo(int count, Duration limit) throws IOException {
    expect(count, 0);
    awaitAll(limit);
  }

  /** Opens until there are so many, at a rate; 0: all at once. */
  public void expect(int count, double perSecond) {
    long now = System.nanoTime();
    int first = browsers.size();
    for (int index = first; index < count; index++) {
      browsers.add(null);
      long after = perSecond == 0 ? 0 : (long) ((index - first) / perSecond * 1e9);
      arrivals.add(new Arrival(now + after, index));
    }
  }

  public void awaitAll(Duration limit) throws IOException {
    loop.await(
        browsers.size() + " browsers are there", () -> ready == browsers.size(), limit, this);
  }

  public boolean allThere() {
    return ready == browsers.size();
  }

  /** Cuts all lines at once. They come back at random within a time; zero: all at once. */
  public void cutAndComeBack(Duration within) {
    long now = System.nanoTime();
    for (int index = 0; index < browsers.size(); index++) {
      cut(index);
      long after = within.isZero() ? 0 : ThreadLocalRandom.current().nextLong(within.toNanos());
      arrivals.add(new Arrival(now + after, index));
    }
  }

  /** Cuts all lines for good. */
  public void cutAll() {
    for (int index = 0; index < browsers.size(); index++) {
      cut(index);
    }
    browsers.clear();
    arrivals.clear();
  }

  private void cut(int index) {
    Browser browser = browsers.get(index);
    if (browser != null) {
      leave(browser);
      browser.cut();
    }
  }

  public void slowOnesStopReading() {
    forSlowOnes(Browser::stopReading);
  }

  public void slowOnesReadOn() {
    forSlowOnes(Browser::readOn);
  }

  private void forSlowOnes(Consumer<Browser> action) {
    for (Browser browser : browsers) {
      if (browser != null && isSlow(browser.index())) {
        action.accept(browser);
      }
    }
  }

  private boolean isSlow(int index) {
    return slowEvery > 0 && index % slowEvery == 0;
  }

  @Override
  public long tick(long nowNanos) throws IOException {
    for (int opened = 0; underWay < mostUnderWay; opened++) {
      if (opened == OPENED_IN_ONE_TURN) {
        return nowNanos;
      }
      Arrival next = arrivals.peek();
      if (next == null) {
        return Long.MAX_VALUE;
      }
      if (next.dueNanos() - nowNanos > 0) {
        return next.dueNanos();
      }
      arrivals.remove();
      open(next.index());
    }
    return Long.MAX_VALUE;
  }

  private void open(int index) throws IOException {
    var from = new InetSocketAddress("127.0.1." + (1 + index % ADDRESSES), 0);
    underWay++;
    browsers.set(
        index, new Browser(this, loop, index, from, server, isSlow(index) ? slowReceiveBuffer : 0));
  }

  // What browsers report --------------------------------------------------------------------------

  Greeting greeting(int index) {
    return greetings.apply(index);
  }

  void onReady(Browser browser) {
    underWay--;
    ready++;
    handshakes.recordValue(Math.min(LONGEST_NANOS, System.nanoTime() - browser.begunNanos()));
  }

  void onRead() {
    reads++;
  }

  void onMessage(Browser browser, long stamp) {
    messages++;
    if (stamp >= 0 && !isSlow(browser.index())) {
      deliveries.recordValue(Math.clamp(System.nanoTime() - stamp, 0, LONGEST_NANOS));
    }
  }

  void onRefused(Browser browser, int status, int retryAfterSeconds) {
    refused++;
    if (status == 503 && retryAfterSeconds >= 0) {
      retryAfters++;
    }
    losses.merge("answered " + status, 1, Integer::sum);
    leave(browser);
    // As a good client does: not before it was told to, and not all at the same time.
    long after = Math.max(1, retryAfterSeconds) * 1_000_000_000L;
    comeBack(browser, after + ThreadLocalRandom.current().nextLong(1_000_000_000L));
  }

  void onGone(Browser browser, @Nullable IOException failure) {
    broken++;
    losses.merge(failure == null ? "end of line" : failure.getMessage() + "", 1, Integer::sum);
    boolean wasReady = browser.isReady();
    leave(browser);
    if (!wasReady) {
      comeBack(browser, 500_000_000L + ThreadLocalRandom.current().nextLong(1_000_000_000L));
    }
  }

  private void comeBack(Browser browser, long afterNanos) {
    arrivals.add(new Arrival(System.nanoTime() + afterNanos, browser.index()));
  }

  private void leave(Browser browser) {
    if (browsers.get(browser.index()) == browser) {
      browsers.set(browser.index(), null);
      if (browser.isReady()) {
        ready--;
      } else {
        underWay--;
      }
    }
  }

  // What was counted ------------------------------------------------------------------------------

  public void resetCounts() {
    handshakes.reset();
    deliveries.reset();
    losses.clear();
    messages = 0;
    reads = 0;
    refused = 0;
    retryAfters = 0;
    broken = 0;
  }

  public int size() {
    return browsers.size();
  }

  public int ready() {
    return ready;
  }

  /** Messages that came, of slow browsers too. */
  public long messages() {
    return messages;
  }

  /** How many reads brought them: fewer when several frames came in one. */
  public long reads() {
    return reads;
  }

  public int refused() {
    return refused;
  }

  /** Of those, with 503 and a Retry-After. */
  public int retryAfters() {
    return retryAfters;
  }

  /** Lines that broke or were closed by the server. */
  public int broken() {
    return broken;
  }

  /** Why, and how many. */
  public Map<String, Integer> losses() {
    return losses;
  }

  /** From connecting until the browser is where it wants to be, in nanoseconds. */
  public Histogram handshakes() {
    return handshakes;
  }

  /** From when a push was due until a browser that is not slow has read it, in nanoseconds. */
  public Histogram deliveries() {
    return deliveries;
  }
}
