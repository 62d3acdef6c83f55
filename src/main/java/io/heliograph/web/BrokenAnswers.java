package io.heliograph.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.QuietException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/**
 * Breaks an answer whose head has left when the rest of it fails. Handled like any other exception,
 * the failure would end the answer in order, and the caller would take what it got for the whole.
 * Jetty closes the connection instead, without the last chunk.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class BrokenAnswers implements HandlerExceptionResolver {

  private static final Logger log = LoggerFactory.getLogger(BrokenAnswers.class);

  /** For Jetty alone, which does not log it. */
  private static final class BrokenAnswerException extends RuntimeException
      implements QuietException {

    private static final long serialVersionUID = 1L;

    BrokenAnswerException(Throwable cause) {
      super("The answer had begun", cause);
    }
  }

  @Override
  public @Nullable ModelAndView resolveException(
      HttpServletRequest request,
      HttpServletResponse response,
      @Nullable Object handler,
      Exception exception) {
    if (response.isCommitted()) {
      if (exception instanceof EofException) {
        log.debug("The caller did not read its answer to the end", exception);
      } else {
        log.info("An answer that had begun was broken off: {}", exception.toString());
      }
      throw new BrokenAnswerException(exception);
    }
    return null;
  }
}
