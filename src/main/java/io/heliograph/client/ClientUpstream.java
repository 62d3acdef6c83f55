package io.heliograph.client;

import io.heliograph.concurrent.Background;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.ServerEvent.Problem;
import io.heliograph.session.Session;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What one client sends on: publishes, calls, an upload. Made when the client does so for the first
 * time, which most never do.
 *
 * <p>Called by one thread at a time, except {@link #end}, which may come on any thread.
 */
final class ClientUpstream {

  private final ClientContext context;
  private final Session session;
  private final RequestRate publishes;
  private final CallsUnderWay calls = new CallsUnderWay();

  // Guarded by this.
  private boolean ended;

  /** The upload that is not answered yet. */
  private @Nullable ClientUpload running;

  /** The upload whose bytes may begin to come, whether or not it was answered meanwhile. */
  private @Nullable ClientUpload expected;

  ClientUpstream(ClientContext context, Session session) {
    this.context = context;
    this.session = session;
    this.publishes = ClientPublisher.rate(context.nanoTime());
  }

  /**
   * Publishes a message.
   *
   * @return done when the client was answered: what it publishes keeps its order
   */
  CompletableFuture<Void> publish(ClientRequest.Publish request) {
    return context
        .publisher()
        .publish(session.id(), session.identity(), request, publishes, context.nanoTime())
        .handle(
            (event, failure) -> {
              if (event != null) {
                session.send(event);
              } else if (failure != null) {
                session.fail("A client's publish", failure);
              }
              return null;
            });
  }

  /** Calls the backend; calls are answered in any order. */
  void call(ClientRequest.Call request) {
    if (!calls.enter()) {
      refuse(
          request.id(),
          ProblemType.RATE_LIMITED,
          "A session has at most " + CallsUnderWay.MOST + " calls that are not answered");
      return;
    }
    CompletableFuture<ClientCalls.Answer> answer =
        Background.attempt(
            () ->
                context
                    .calls()
                    .call(new ClientCalls.Call(session.id(), session.identity(), request)));
    calls.add(answer);
    Background.onCompletion(
        "Answering a client's call",
        answer,
        (answered, failure) -> {
          switch (answered) {
            case ClientCalls.Answered(String data) ->
                session.send(new ServerEvent.Result(request.id(), data));
            case ClientCalls.Refused(Problem problem) ->
                session.send(new ServerEvent.Refusal(request.id(), problem));
            case null -> {
              if (failure != null && !answer.isCancelled()) {
                session.fail("A client's call", failure);
              }
            }
          }
        });
  }

  /** Makes ready for the bytes of an upload, or refuses it. */
  void upload(ClientRequest.Upload request, DuplexTransport connection) {
    if (session.identity().user() == null || !session.identity().upload()) {
      refuse(
          request.id(),
          ProblemType.FORBIDDEN,
          "The session's token does not let it upload; its claim upload has to be true");
      return;
    }
    ClientUpload upload = new ClientUpload(request.id(), session, connection, this::answered);
    if (!enter(upload)) {
      refuse(
          request.id(),
          ProblemType.RATE_LIMITED,
          "A session has one upload at a time, and the last one is not answered yet");
      return;
    }
    switch (context
        .uploads()
        .open(new ClientUploads.Upload(session.id(), session.identity(), request), upload)) {
      case ClientUploads.Refused(Problem problem) -> {
        answered(upload);
        session.send(new ServerEvent.Refusal(request.id(), problem));
      }
      case ClientUploads.Opened opened -> {
        // Before the request begins, whose answer may come at once.
        session.send(new ServerEvent.UploadReady(request.id()));
        begin(upload, opened);
      }
    }
  }

  private synchronized boolean enter(ClientUpload upload) {
    if (ended || running != null) {
      return false;
    }
    running = upload;
    // The client that was refused the last one after ready need not have sent it.
    expected = null;
    return true;
  }

  private void begin(ClientUpload upload, ClientUploads.Opened opened) {
    synchronized (this) {
      expected = upload;
    }
    upload.begin(opened);
    boolean late;
    synchronized (this) {
      late = ended;
    }
    if (late) {
      upload.abort();
    }
  }

  private synchronized void answered(ClientUpload upload) {
    if (running == upload) {
      running = null;
    }
  }

  /** The upload whose bytes begin to come; null when none is expected. */
  synchronized @Nullable ClientUpload beginReceiving() {
    ClientUpload upload = expected;
    expected = null;
    return upload;
  }

  private void refuse(@Nullable String id, ProblemType type, String detail) {
    context.metrics().refused(type);
    session.send(new ServerEvent.Refusal(id, Problem.of(type, detail)));
  }

  /** Ends what is not answered, because the session has ended. */
  void end() {
    ClientUpload upload;
    synchronized (this) {
      ended = true;
      upload = running;
    }
    calls.end();
    if (upload != null) {
      upload.abort();
    }
  }
}
