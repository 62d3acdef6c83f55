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
 * Aborts an answer that fails after its head was sent: Jetty closes the connection without the last
 * chunk. If the exception were handled normally, the answer would end regularly, and the caller
 * would take a part for the whole.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class BrokenAnswers implements HandlerExceptionResolver {

  private static final Logger log = LoggerFactory.getLogger(BrokenAnswers.class);

  /** Thrown to Jetty, which does not log it. */
  private static final class BrokenAnswerException extends RuntimeException
      implements QuietException {

    private static final long serialVersionUID = 1L;

    BrokenAnswerException(Throwable cause) {
      super("The answer failed after its head was sent", cause);
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
        log.debug("The caller disconnected before the end of its answer", exception);
      } else {
        log.info(
            "An answer failed after its head was sent; its connection is closed: {}",
            exception.toString());
      }
      throw new BrokenAnswerException(exception);
    }
    return null;
  }
}
