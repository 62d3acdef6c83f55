package io.heliograph.web;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.ResponseEntity;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** The risk: disconnected callers fill the log with errors, or real faults are not logged. */
@ExtendWith(OutputCaptureExtension.class)
class DisconnectedCallerTests {

  private final ProblemAdvice advice = new ProblemAdvice();

  @Test
  void aDisconnectedCallerIsNotLoggedAsAnError(CapturedOutput output) {
    assertThat(answer(new IOException("Broken pipe"))).isNull();
    assertThat(answer(new IllegalStateException(new IOException("Connection reset by peer"))))
        .isNull();
    assertThat(output).doesNotContain("ERROR");
  }

  @Test
  void aFaultIsLoggedAndAnsweredWith500(CapturedOutput output) {
    var answer = answer(new IllegalStateException("inner detail"));
    assertThat(answer).isNotNull();
    assertThat(requireNonNull((ResponseEntity<?>) answer).getStatusCode().value()).isEqualTo(500);
    assertThat(output).contains("ERROR").contains("inner detail");
  }

  private @Nullable Object answer(Exception thrown) {
    return advice.answer(thrown, new MockHttpServletRequest(), new MockHttpServletResponse());
  }
}
