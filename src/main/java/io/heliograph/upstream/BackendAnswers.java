package io.heliograph.upstream;

import io.heliograph.client.ClientCalls;
import io.heliograph.publish.RawJson;
import io.heliograph.upstream.BackendGuard.Read;
import io.heliograph.upstream.UpstreamMetrics.Outcome;
import io.heliograph.webhook.WebhookResult;

/** Converts the backend's answer to a call or an upload to the client's answer. */
class BackendAnswers implements BackendGuard.Reader<ClientCalls.Answer> {

  static final BackendAnswers READER = new BackendAnswers();

  @Override
  public Read<ClientCalls.Answer> answered(WebhookResult.Answer answer) {
    if (answer.status() == 204) {
      return new Read<>(new ClientCalls.Answered("null"), Outcome.OK);
    }
    RawJson data = answer.status() == 200 ? BackendJson.value(answer) : null;
    return data == null
        ? BackendProblem.read(answer, ClientCalls.Refused::new)
        : new Read<>(new ClientCalls.Answered(data.text()), Outcome.OK);
  }

  @Override
  public Read<ClientCalls.Answer> failed(WebhookResult.Failure failure) {
    return new Read<>(new ClientCalls.Refused(BackendProblem.of(failure)), Outcome.of(failure));
  }
}
