package io.heliograph.websocket;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.server.HandshakeInterceptor;

/**
 * Lets so many handshakes of a second come in, and asks the others to come again. When a node is
 * lost its browsers come to the rest all at once; taken one after the other as they come, they
 * would keep those waiting who are there. A refusal costs much of what letting in does, so this is
 * for crowds that a node cannot take in some seconds, and off by default.
 *
 * <p>Time is the monotonic clock's, so that a clock that is set shuts nobody out.
 */
final class HandshakeRate implements HandshakeInterceptor {

  private static final Logger log = LoggerFactory.getLogger(HandshakeRate.class);

  /** What may come in one moment: enough for a page with many frames, little for a processor. */
  private static final int BURSTS_A_SECOND = 4;

  private static final int MOST_RETRY_SECONDS = 5;
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

  private final Handshakes handshakes;
  private final int perSecond;

  /** Null: any number. */
  private final @Nullable Bucket bucket;

  /** A storm is thousands of refusals: they are counted, and one line says so now and then. */
  private final Bucket lines;

  /**
   * @param perSecond 0: any number
   */
  HandshakeRate(Handshakes handshakes, int perSecond, TimeMeter time) {
    this.handshakes = handshakes;
    this.perSecond = perSecond;
    this.bucket =
        perSecond == 0
            ? null
            : Bucket.builder()
                .addLimit(
                    limit ->
                        limit
                            .capacity(Math.max(1, perSecond / BURSTS_A_SECOND))
                            .refillGreedy(perSecond, Duration.ofSeconds(1)))
                .withCustomTimePrecision(time)
                .build();
    this.lines =
        Bucket.builder()
            .addLimit(limit -> limit.capacity(1).refillGreedy(1, BETWEEN_LINES))
            .withCustomTimePrecision(time)
            .build();
  }

  @Override
  public boolean beforeHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      Map<String, Object> attributes)
      throws IOException {
    if (bucket == null || bucket.tryConsume(1)) {
      return true;
    }
    if (lines.tryConsume(1)) {
      log.warn("Handshakes are shed: more than {} a second come", perSecond);
    }
    // Not all after the same time, or they would come all at once again.
    int seconds = ThreadLocalRandom.current().nextInt(1, MOST_RETRY_SECONDS + 1);
    response.getHeaders().set(HttpHeaders.RETRY_AFTER, Integer.toString(seconds));
    return handshakes.refuse(response, HandshakeOutcome.SHED, null);
  }

  @Override
  public void afterHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      @Nullable Exception failure) {}
}
