package io.heliograph.transport.engineio;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.transport.engineio.EngineTransportTests.TestPoll;
import io.heliograph.transport.engineio.EngineTransportTests.TestSocket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The risk: some order of writes, polls, late completions and an upgrade loses a message, repeats
 * one or swaps two. A polite client takes random steps; what it got is what was written.
 */
class EngineScheduleTests {

  private static final int MESSAGES = 60;

  static LongStream seeds() {
    return LongStream.range(0, 400);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aPoliteClientGetsEachMessageOnceAndInOrder(long seed) {
    var client = new Client(new Random(seed));
    client.run();
    assertThat(client.received())
        .isEqualTo(IntStream.range(0, MESSAGES).mapToObj(i -> "4" + i).toList());
    assertThat(client.listener.events).doesNotContain("malformed").noneMatch(Client::isEnd);
  }

  private static final class Client {

    private final Random random;
    private final Recorder listener = new Recorder();
    private final EngineContext context = EngineTransportTests.context();
    private final EngineTransport session =
        EngineTransport.polling(context, "s", "192.0.2.1", listener);
    private final PollingCarrier carrier = requireNonNull(context.sessions().find("s"));
    private final EchoWriter writer = new EchoWriter(session);
    private final List<TestPoll> polls = new ArrayList<>();

    /** Those whose answers the client has, while the server does not know yet that they left. */
    private final ArrayDeque<TestPoll> unreported = new ArrayDeque<>();

    private @Nullable TestPoll current;
    private @Nullable TestSocket socket;
    private boolean probed;
    private boolean upgraded;
    private int written;

    Client(Random random) {
      this.random = random;
    }

    static boolean isEnd(String event) {
      return event.startsWith("closed");
    }

    void run() {
      boolean upgrades = random.nextBoolean();
      while (written < MESSAGES) {
        switch (random.nextInt(upgrades ? 7 : 5)) {
          case 0, 1 -> writer.write(EngineTransportTests.frame(Integer.toString(written++)));
          case 2 -> poll();
          case 3 -> report();
          case 4 -> session.ping(1);
          case 5 -> probe();
          default -> upgrade();
        }
        look();
      }
      // Whatever it was in the middle of, it goes on until nothing is owed to it.
      for (int i = 0; i < 3 * MESSAGES; i++) {
        report();
        poll();
        look();
      }
    }

    /** When the last answer has come. */
    private void poll() {
      if (current == null && !upgraded) {
        current = new TestPoll(random.nextBoolean());
        polls.add(current);
        assertThat(carrier.poll(current)).isEqualTo(PollingCarrier.Answer.OK);
      }
    }

    private void look() {
      if (current != null && current.answer != null) {
        unreported.add(current);
        current = null;
      }
    }

    private void report() {
      TestPoll left = unreported.poll();
      if (left != null) {
        left.leaves();
      }
    }

    private void probe() {
      if (socket == null) {
        socket = new TestSocket();
        assertThat(carrier.offers(socket)).isTrue();
      } else if (!probed) {
        probed = true;
        assertThat(carrier.probes(socket)).isTrue();
      }
    }

    private void upgrade() {
      if (socket != null && probed && !upgraded && current == null) {
        assertThat(carrier.upgrades(socket)).isTrue();
        upgraded = true;
      }
    }

    List<String> received() {
      List<String> packets = new ArrayList<>();
      for (TestPoll poll : polls) {
        if (poll.answer != null) {
          packets.addAll(List.of(poll.answer.split("\u001e")));
        }
      }
      if (socket != null) {
        packets.addAll(socket.packets());
      }
      packets.removeIf(packet -> !packet.startsWith("4"));
      return packets;
    }
  }
}
