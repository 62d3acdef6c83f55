package io.heliograph.client;

import io.heliograph.problem.ProblemType;
import io.heliograph.session.Identity;
import io.heliograph.session.ServerEvent.Problem;
import java.nio.ByteBuffer;

/** Passes the bytes that clients upload on to the backend, as they arrive. */
public interface ClientUploads {

  /** Where no backend is configured. */
  ClientUploads NONE =
      (_, _) ->
          new Refused(
              Problem.of(
                  ProblemType.NOT_FOUND,
                  "Uploads are not configured (heliograph.upstream.upload-url)"));

  /**
   * An upload that a client announces; its session's token has the right.
   *
   * @param session the id of the session that it comes from
   * @param request with fields as the client sent them, not checked
   */
  record Upload(String session, Identity identity, ClientRequest.Upload request) {}

  /** Learns how an upload goes, on any thread. */
  interface Listener {

    /** Some bytes were taken by the backend's connection, or are not needed any more. */
    void onProgress();

    /** Once, also before the last byte was given; what is given afterwards is thrown away. */
    void onAnswer(ClientCalls.Answer answer);
  }

  /** Takes an upload's bytes. The calls come one at a time; none of them blocks. */
  interface Sink {

    /** Begins the request to the backend. */
    void begin();

    /**
     * Takes a copy of the bytes.
     *
     * @return false when no more should come before {@link #hasRoom}
     */
    boolean write(ByteBuffer piece);

    /** Whether more may come; asked by any thread. */
    boolean hasRoom();

    /** All bytes were given. */
    void finish();

    /** Ends the request without its last chunk; called by any thread. There is no answer then. */
    void abort();
  }

  sealed interface Opening {}

  /**
   * @param maxBytes the most bytes of this upload
   */
  record Opened(Sink sink, long maxBytes) implements Opening {}

  record Refused(Problem problem) implements Opening {}

  /** Takes a place for an upload; never blocks. */
  Opening open(Upload upload, Listener listener);
}
