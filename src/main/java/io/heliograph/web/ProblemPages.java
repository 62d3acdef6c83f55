package io.heliograph.web;

import io.heliograph.problem.Problem;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves the description of a problem's {@code type}, and answers errors that the servlet container
 * reports. Replaces Boot's error page, which is HTML.
 */
@RestController
class ProblemPages implements ErrorController {

  record Page(String type, String title, int status, String description) {}

  @GetMapping(path = "/problems/{slug}", produces = MediaType.APPLICATION_JSON_VALUE)
  Page page(@PathVariable String slug) {
    ProblemType type = ProblemType.of(slug);
    if (type == null) {
      throw new ProblemException(ProblemType.NOT_FOUND, "There is no problem type with this name.");
    }
    return new Page(type.uri().toString(), type.title(), type.status(), type.description());
  }

  /** Without the container's message, which may quote the request or name a class. */
  @RequestMapping("${spring.web.error.path:${error.path:/error}}")
  ResponseEntity<Problem> error(HttpServletRequest request) {
    int status =
        request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer code
            ? code
            : 404;
    ProblemType type = ProblemType.ofStatus(status);
    return ProblemAdvice.answer(
        new Problem(
            type, status, type.description(), RequestId.instance(request), java.util.Map.of()));
  }
}
