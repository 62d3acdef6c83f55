package io.heliograph.session;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Channel;
import io.heliograph.message.History;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.support.RecordingTransport;
import io.heliograph.support.RecordingTransport.Mode;
import io.heliograph.support.TextProtocol;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The risk: something throws in the middle, and a subscription is left half-way for ever. */
class FaultSeamTests {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Channel NEWS = new Channel.Topic("news");

  private final RecordingTransport transport = new RecordingTransport();
  private final RecordingSessionListener listener = new RecordingSessionListener();

  @Test
  void aMessageThatTheCodecRefusesIsAGapAndTheNextOneArrives() {
    Session session = session(listener, refusing(2));
    Subscription news = liveAt(session, 0);
    announce(session, news, 1, 2, 3);
    assertThat(transport.frames()).containsExactly(frame(1), "gap topic:news e1:2", frame(3));
    assertThat(news.cursor()).isEqualTo(at(3));
    assertThat(listener.events).containsExactly("live 1", "unsendable 2", "live 3");
    assertThat(session.isOpen()).isTrue();
  }

  @Test
  void soItIsInThePageOfALog() {
    Session session = session(listener, refusing(1, 3));
    Subscription news = requireNonNull(session.subscribe(NEWS));
    session.onPage(news, 0, page(3, 1, 2, 3), subscribed());
    announce(session, news, 4);
    assertThat(transport.frames())
        .containsExactly(
            "subscribed topic:news e1:0",
            "gap topic:news e1:1",
            frame(2),
            "gap topic:news e1:3",
            frame(4));
    assertThat(news.cursor()).isEqualTo(at(4));
  }

  @Test
  void soItIsAmongMessagesThatLeaveTogether() {
    Session session = session(listener, refusing(1));
    Subscription news = liveAt(session, 0);
    session.deliver(news, List.of(new EncodedMessage(message(1)), new EncodedMessage(message(2))));
    assertThat(transport.flushes()).containsExactly(List.of("gap topic:news e1:1", frame(2)));
  }

  /** Or the client would be past messages that it has not got. */
  @Test
  void aGapThatWaitsIsDroppedWithTheMessagesBeforeIt() {
    Session session = session(listener, refusing(3));
    Subscription news = liveAt(session, 0);
    transport.mode(Mode.LATER);
    announce(session, news, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    assertThat(listener.count("overflow")).isPositive();
    transport.mode(Mode.AT_ONCE);
    transport.completeAll();
    assertThat(transport.frames()).containsExactly(frame(1));
    session.onPage(news, news.beginReading(), page(11, 2, 3, 4), null);
    assertThat(transport.frames())
        .containsExactly(frame(1), frame(2), "gap topic:news e1:3", frame(4));
  }

  @Test
  void anAnswerThatTheCodecRefusesEndsTheSession() {
    Session session =
        session(
            listener,
            frame -> {
              if (frame instanceof ServerEvent.Pong) {
                throw new IllegalStateException("no pongs");
              }
              return TextProtocol.INSTANCE.encode(frame);
            });
    session.send(new ServerEvent.Pong("1"));
    assertThat(transport.frames()).containsExactly("bye fault");
    assertThat(transport.closed()).isEqualTo(CloseReason.FAULT);
  }

  @Test
  void aCodecThatRefusesEverythingEndsTheSession() {
    Session session =
        session(
            listener,
            _ -> {
              throw new StackOverflowError("encoding");
            });
    Subscription news = liveAt(session, 0);
    announce(session, news, 1);
    assertThat(session.isOpen()).isFalse();
    assertThat(transport.closed()).isEqualTo(CloseReason.FAULT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"written", "room", "pending", "overflow"})
  void aListenerThatThrowsEndsItsSessionOnly(String event) {
    Session session = session(new ThrowingListener(event), TextProtocol.INSTANCE);
    Subscription news = liveAt(session, 0);
    switch (event) {
      case "written" -> announce(session, news, 1);
      case "room" -> announce(session, news, 9);
      case "pending" -> {
        transport.mode(Mode.LATER);
        announce(session, news, 1);
      }
      default -> {
        transport.mode(Mode.LATER);
        announce(session, news, LongStream.rangeClosed(1, 100).toArray());
        transport.mode(Mode.AT_ONCE);
        transport.completeAll();
      }
    }
    assertThat(session.closing()).isEqualTo(CloseReason.FAULT);
    assertThat(transport.closed() == CloseReason.FAULT || transport.aborted()).isTrue();
  }

  @Test
  void aTransportThatThrowsEndsItsSession() {
    Session session =
        new Session(
            new Channel.OneSession("AAAAAAAAAAAAAAAAAAAAAA"),
            new ThrowingTransport(transport),
            new SessionContext(listener, 200, () -> 1),
            Identity.ANONYMOUS,
            NOW,
            Long.MAX_VALUE / 2);
    session.send(new ServerEvent.Pong("1"));
    assertThat(session.closing()).isEqualTo(CloseReason.FAULT);
    assertThat(transport.aborted()).isTrue();
  }

  // Words -----------------------------------------------------------------------------------------

  private static Codec refusing(long... offsets) {
    Set<Long> refused = Set.copyOf(Arrays.stream(offsets).boxed().toList());
    return frame -> {
      if (frame instanceof ServerEvent.Delivery(Message message)
          && refused.contains(message.position().offset())) {
        throw new IllegalArgumentException("cannot be sent");
      }
      return TextProtocol.INSTANCE.encode(frame);
    };
  }

  private Session session(SessionListener reports, Codec codec) {
    return new Session(
        new Channel.OneSession("AAAAAAAAAAAAAAAAAAAAAA"),
        transport.codec(codec),
        new SessionContext(reports, 200, () -> 1),
        Identity.ANONYMOUS,
        NOW,
        Long.MAX_VALUE / 2);
  }

  private static Subscription liveAt(Session session, long offset) {
    Subscription subscription = requireNonNull(session.subscribe(NEWS));
    session.onPage(subscription, 0, new History(List.of(), at(offset), at(offset), true), null);
    return subscription;
  }

  private static void announce(Session session, Subscription news, long... offsets) {
    for (long offset : offsets) {
      session.deliver(news, List.of(new EncodedMessage(message(offset))));
    }
  }

  private static History page(long head, long... offsets) {
    return new History(
        LongStream.of(offsets).mapToObj(FaultSeamTests::message).toList(),
        at(head),
        at(head),
        true);
  }

  private static ServerEvent subscribed() {
    return new ServerEvent.Subscribed("1", NEWS, at(0), true, null, null);
  }

  private static Message message(long offset) {
    return new Message("m" + offset, NEWS, at(offset), "e", "{}", NOW, null, null);
  }

  private static Position at(long offset) {
    return new Position("e1", offset);
  }

  private static String frame(long offset) {
    return "message topic:news e1:" + offset + " e";
  }

  /** Throws at one kind of event. */
  private record ThrowingListener(String event) implements SessionListener {

    private void at(String happened) {
      if (happened.equals(event)) {
        throw new AssertionError(event);
      }
    }

    @Override
    public void onWritten(Session session, Message message, boolean live) {
      at("written");
    }

    @Override
    public void onRoom(Session session) {
      at("room");
    }

    @Override
    public void onPending(Session session) {
      at("pending");
    }

    @Override
    public void onOverflow(Session session) {
      at("overflow");
    }
  }

  /** Never takes a write. */
  private record ThrowingTransport(RecordingTransport transport) implements Transport {

    @Override
    public TransportInfo info() {
      return transport.info();
    }

    @Override
    public Encoding encoding() {
      return transport.encoding();
    }

    @Override
    public String remoteAddress() {
      return transport.remoteAddress();
    }

    @Override
    public void write(java.nio.ByteBuffer[] frames, @Nullable WriteCallback done) {
      throw new IllegalStateException("a broken transport");
    }

    @Override
    public void ping(int number) {
      transport.ping(number);
    }

    @Override
    public void close(CloseReason reason) {
      transport.close(reason);
    }

    @Override
    public boolean hasEnded() {
      return transport.hasEnded();
    }

    @Override
    public void abort() {
      transport.abort();
    }
  }
}
