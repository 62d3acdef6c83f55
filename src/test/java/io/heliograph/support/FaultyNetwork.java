package io.heliograph.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The network between a node and Redis, for a test to break: it delays, falls silent in one way or
 * both, cuts, resets by chance, forgets connections without a word, leads new ones to another
 * server, and drops announcements alone.
 */
public final class FaultyNetwork implements AutoCloseable {

  /** Which half of the conversation. */
  public enum Way {
    TO_SERVER,
    TO_CLIENT
  }

  private final ServerSocket entrance;
  private volatile int server;
  private final List<Link> links = new CopyOnWriteArrayList<>();
  private final Set<Way> silent = ConcurrentHashMap.newKeySet();
  private final AtomicLong dropped = new AtomicLong();
  private volatile Duration delay = Duration.ZERO;
  private volatile double resetChance;
  private volatile Random chance = new Random(0);
  private volatile boolean refusing;
  private volatile boolean droppingAnnouncements;

  public FaultyNetwork(int server) {
    this.server = server;
    try {
      entrance = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return entrance.getLocalPort();
  }

  /** As when a name gets another address: the connections that there are stay where they are. */
  public void leadTo(int otherServer) {
    server = otherServer;
  }

  /** Nothing arrives any more, and no end is reported. New connections are held likewise. */
  public void silence(Way... ways) {
    silent.addAll(List.of(ways));
  }

  /** The connections that there are will never carry anything again; new ones work. */
  public void forget() {
    links.forEach(link -> link.forgotten = true);
  }

  /** Ends all connections with a reset, and refuses new ones. */
  public void cut() {
    refusing = true;
    links.forEach(Link::reset);
  }

  /** Everything that passes ends its connection by this chance. */
  public void resets(double chanceOfEach, long seed) {
    chance = new Random(seed);
    resetChance = chanceOfEach;
  }

  public void delay(Duration latency) {
    delay = latency;
  }

  public void dropAnnouncements() {
    droppingAnnouncements = true;
  }

  /** How many announcements were dropped. */
  public long dropped() {
    return dropped.get();
  }

  /** As good as new; what was held arrives now, as TCP would have it. */
  public void mend() {
    silent.clear();
    delay = Duration.ZERO;
    resetChance = 0;
    refusing = false;
    droppingAnnouncements = false;
  }

  private void accept() {
    while (!entrance.isClosed()) {
      try {
        Socket client = entrance.accept();
        if (refusing) {
          client.setSoLinger(true, 0);
          client.close();
        } else {
          Link link = new Link(client, new Socket(InetAddress.getLoopbackAddress(), server));
          links.add(link);
          link.start();
        }
      } catch (IOException e) {
        // The server is away, or the test has ended.
      }
    }
  }

  @Override
  public void close() {
    try {
      entrance.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    links.forEach(Link::reset);
  }

  private record Chunk(byte[] bytes, long dueNanos) {}

  private final class Link {
    private static final Chunk END = new Chunk(new byte[0], 0);

    private final Socket client;
    private final Socket backend;
    private volatile boolean forgotten;

    Link(Socket client, Socket backend) {
      this.client = client;
      this.backend = backend;
    }

    void start() {
      for (Way way : EnumSet.allOf(Way.class)) {
        LinkedBlockingQueue<Chunk> onTheWay = new LinkedBlockingQueue<>();
        Thread.ofVirtual().start(() -> read(way, onTheWay));
        Thread.ofVirtual().start(() -> write(way, onTheWay));
      }
    }

    private void read(Way way, LinkedBlockingQueue<Chunk> onTheWay) {
      byte[] buffer = new byte[64 * 1024];
      try {
        var in = (way == Way.TO_SERVER ? client : backend).getInputStream();
        int length;
        while ((length = in.read(buffer)) >= 0) {
          byte[] bytes = Arrays.copyOf(buffer, length);
          onTheWay.add(new Chunk(bytes, System.nanoTime() + delay.toNanos()));
        }
      } catch (IOException e) {
        // As good as an end.
      }
      onTheWay.add(END);
    }

    @SuppressWarnings("ReferenceEquality") // a mark
    private void write(Way way, LinkedBlockingQueue<Chunk> onTheWay) {
      AnnouncementFilter filter = way == Way.TO_CLIENT ? new AnnouncementFilter() : null;
      try {
        var out = (way == Way.TO_SERVER ? backend : client).getOutputStream();
        while (true) {
          Chunk chunk = onTheWay.take();
          while (silent.contains(way) || forgotten || chunk.dueNanos() - System.nanoTime() > 0) {
            // A close of the peer is not passed on either while the network is silent.
            TimeUnit.MILLISECONDS.sleep(2);
            if (entrance.isClosed()) {
              return;
            }
          }
          if (chunk == END || (resetChance > 0 && chance.nextDouble() < resetChance)) {
            break;
          }
          out.write(filter == null ? chunk.bytes() : filter.pass(chunk.bytes()));
        }
      } catch (IOException | InterruptedException e) {
        // Then it ends.
      }
      reset();
    }

    void reset() {
      for (Socket socket : List.of(client, backend)) {
        try {
          socket.setSoLinger(true, 0);
          socket.close();
        } catch (IOException e) {
          // It was closed.
        }
      }
      links.remove(this);
    }
  }

  /** Cuts the server's answers (RESP) into whole values, and leaves out announced messages. */
  @SuppressWarnings("RefactorSwitch") // each kind ends on its own
  private final class AnnouncementFilter {
    private byte[] waiting = new byte[0];

    byte[] pass(byte[] more) {
      byte[] all = Arrays.copyOf(waiting, waiting.length + more.length);
      System.arraycopy(more, 0, all, waiting.length, more.length);
      ByteArrayOutputStream passed = new ByteArrayOutputStream();
      int from = 0;
      Integer end;
      while ((end = end(all, from)) != null) {
        if (droppingAnnouncements && isAnnouncement(all, from)) {
          dropped.incrementAndGet();
        } else {
          passed.write(all, from, end - from);
        }
        from = end;
      }
      waiting = Arrays.copyOfRange(all, from, all.length);
      return passed.toByteArray();
    }

    private static boolean isAnnouncement(byte[] all, int from) {
      String head =
          new String(all, from, Math.min(24, all.length - from), StandardCharsets.US_ASCII);
      return head.matches("(?s)[>*]\\d+\r\n\\$\\d\r\ns?message\r\n.*");
    }

    /** Where the value ends that begins here; null: not all of it has come. */
    private static @Nullable Integer end(byte[] all, int from) {
      int line = from;
      while (line < all.length && all[line] != '\n') {
        line++;
      }
      if (line >= all.length) {
        return null;
      }
      int next = line + 1;
      char type = (char) all[from];
      String rest = new String(all, from + 1, line - from - 2, StandardCharsets.US_ASCII);
      switch (type) {
        case '$', '=', '!' -> {
          int length = Integer.parseInt(rest);
          int after = length < 0 ? next : next + length + 2;
          return after <= all.length ? after : null;
        }
        case '*', '>', '~', '%', '|' -> {
          int count = Integer.parseInt(rest);
          int values = type == '%' ? 2 * count : type == '|' ? 2 * count + 1 : count;
          for (int i = 0; i < values; i++) {
            Integer after = end(all, next);
            if (after == null) {
              return null;
            }
            next = after;
          }
          return next;
        }
        default -> {
          return next;
        }
      }
    }
  }
}
