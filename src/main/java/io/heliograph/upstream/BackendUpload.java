package io.heliograph.upstream;

import io.heliograph.client.ClientCalls;
import io.heliograph.client.ClientUploads;
import io.heliograph.concurrent.Background;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.ServerEvent.Problem;
import io.heliograph.upstream.BackendGuard.Read;
import io.heliograph.upstream.UpstreamMetrics.Outcome;
import io.heliograph.webhook.WebhookResult;
import io.heliograph.webhook.WebhookUpload;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Passes the bytes of one upload to the backend. Only one write is in progress at a time; bytes
 * that arrive meanwhile are collected for the next write, so that small fragments become few chunks
 * and a live stream is not delayed. Both buffers together have at most 64 KB.
 */
final class BackendUpload implements ClientUploads.Sink {

  /**
   * From this fill level the caller should stop; the rest of the buffer has room for one more
   * piece.
   */
  private static final int FULL = 24 * 1024;

  private static final int BUFFER = 32 * 1024;
  private static final byte[] NONE = {};

  private final WebhookUpload request;
  private final BackendGuard.Place place;
  private final UploadDigest digest;
  private final long size;
  private final ClientUploads.Listener listener;
  private final UpstreamMetrics metrics;

  // Guarded by this.
  private @Nullable CompletableFuture<ClientCalls.Answer> answer;
  private byte[] collected = NONE;
  private int count;
  private byte[] spare = NONE;
  private long total;
  private boolean writing;

  /** The client has sent all bytes. */
  private boolean finished;

  /** There is an answer, or the upload was aborted. */
  private boolean ended;

  /**
   * @param size the announced number of bytes; -1 if unknown
   */
  BackendUpload(
      WebhookUpload request,
      BackendGuard.Place place,
      UploadDigest digest,
      long size,
      ClientUploads.Listener listener,
      UpstreamMetrics metrics) {
    this.request = request;
    this.place = place;
    this.digest = digest;
    this.size = size;
    this.listener = listener;
    this.metrics = metrics;
  }

  @Override
  public void begin() {
    CompletableFuture<ClientCalls.Answer> asked = place.ask(request::begin, new Answers());
    synchronized (this) {
      answer = asked;
    }
    Background.onCompletion(
        "Answering an upload",
        asked,
        (answered, _) -> {
          if (!end()) {
            // The backend answered before the last byte and needs no more.
            request.abort();
          }
          if (answered != null) {
            listener.onAnswer(answered);
          }
        });
  }

  /** Returns true when all bytes had been written. */
  private synchronized boolean end() {
    boolean whole = finished && !writing && count == 0;
    ended = true;
    collected = NONE;
    spare = NONE;
    count = 0;
    return whole;
  }

  @Override
  public boolean write(ByteBuffer piece) {
    ByteBuffer next;
    boolean room;
    synchronized (this) {
      if (ended) {
        return true;
      }
      digest.update(piece.duplicate());
      collect(piece);
      next = next();
      room = count < FULL;
    }
    send(next);
    return room;
  }

  private void collect(ByteBuffer piece) {
    int needed = count + piece.remaining();
    if (needed > collected.length) {
      collected = Arrays.copyOf(collected, Math.max(needed, BUFFER));
    }
    total += piece.remaining();
    piece.get(collected, count, piece.remaining());
    count = needed;
  }

  /** The bytes to write now; null if there are none or a write is in progress. */
  private @Nullable ByteBuffer next() {
    if (writing || count == 0 || ended) {
      return null;
    }
    writing = true;
    ByteBuffer bytes = ByteBuffer.wrap(collected, 0, count);
    byte[] free = spare;
    spare = collected;
    collected = free;
    count = 0;
    return bytes;
  }

  private void send(@Nullable ByteBuffer bytes) {
    if (bytes != null) {
      int length = bytes.remaining();
      request.write(bytes, failure -> taken(length, failure));
    }
  }

  private void taken(int length, @Nullable Throwable failure) {
    if (failure != null) {
      // The request fails with the same failure.
      return;
    }
    metrics.uploaded(length);
    ByteBuffer next;
    boolean last;
    synchronized (this) {
      writing = false;
      next = next();
      last = finished && next == null && !ended;
    }
    send(next);
    if (last) {
      request.finish();
    }
    listener.onProgress();
  }

  @Override
  public synchronized boolean hasRoom() {
    return ended || count < FULL;
  }

  @Override
  public void finish() {
    CompletableFuture<ClientCalls.Answer> asked;
    long came;
    boolean last;
    synchronized (this) {
      asked = answer;
      came = total;
      finished = !ended && (size < 0 || came == size);
      last = finished && !writing && count == 0;
    }
    if (last) {
      request.finish();
    } else if (size >= 0 && came != size && asked != null) {
      asked.complete(
          new ClientCalls.Refused(
              Problem.of(
                  ProblemType.INVALID_REQUEST,
                  "size: is %d, but %d bytes were sent".formatted(size, came))));
    }
  }

  @Override
  public void abort() {
    CompletableFuture<ClientCalls.Answer> asked;
    synchronized (this) {
      asked = answer;
    }
    if (asked != null) {
      asked.cancel(true);
    }
  }

  /** As for a call, except for a timeout that the client caused. */
  private final class Answers extends BackendAnswers {

    @Override
    public Read<ClientCalls.Answer> failed(WebhookResult.Failure failure) {
      return failure == WebhookResult.Failure.TIMEOUT && awaitsClient()
          ? new Read<>(
              new ClientCalls.Refused(
                  Problem.of(
                      ProblemType.REQUEST_TIMEOUT,
                      "No bytes of the upload arrived within heliograph.upstream.upload-timeout")),
              Outcome.INCOMPLETE)
          : super.failed(failure);
    }
  }

  private synchronized boolean awaitsClient() {
    return !finished && !writing && count == 0;
  }
}
