package io.heliograph.client;

import io.heliograph.problem.ProblemType;
import io.heliograph.session.Identity;
import io.heliograph.session.ServerEvent.Problem;
import java.util.concurrent.CompletableFuture;

/** Passes clients' calls on to the backend that answers them. */
public interface ClientCalls {

  /** Where no backend is configured. */
  ClientCalls NONE =
      call ->
          CompletableFuture.completedFuture(
              new Refused(
                  Problem.of(
                      ProblemType.NOT_FOUND,
                      "Calls are not configured (heliograph.upstream.url)")));

  /**
   * One call.
   *
   * @param session the id of the session that it comes from
   * @param request with fields as the client sent them, not checked
   */
  record Call(String session, Identity identity, ClientRequest.Call request) {}

  sealed interface Answer {}

  /**
   * @param data one JSON value as compact text
   */
  record Answered(String data) implements Answer {}

  record Refused(Problem problem) implements Answer {}

  /**
   * Never blocks. The call ends when the future is cancelled.
   *
   * @return fails only for what is a fault of this service
   */
  CompletableFuture<Answer> call(Call call);
}
