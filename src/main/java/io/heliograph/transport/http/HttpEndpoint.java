package io.heliograph.transport.http;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.springframework.util.Assert;

/**
 * A path, or all below one, where clients connect with plain HTTP requests. Every bean of this type
 * is served ahead of Spring Security and MVC, behind the filters that give a request its id and
 * answer CORS preflights: the handler itself decides who may connect.
 *
 * @param path as it is written in the request; every other spelling is not found
 * @param below false: exactly this path; true: every path that begins with it, which ends in a
 *     slash
 * @param methods those that the handler takes; the rest are answered with 405, and OPTIONS with
 *     this list. Empty: the handler gets every request
 */
public record HttpEndpoint(String path, boolean below, List<String> methods, Handler handler) {

  /** Answers one request. */
  @FunctionalInterface
  public interface Handler {

    /**
     * Runs on the request's virtual thread and may block. What it throws is answered as where a
     * controller throws it, a {@link io.heliograph.problem.ProblemException} with its problem.
     */
    void handle(HttpServletRequest request, HttpServletResponse response) throws Exception;
  }

  public HttpEndpoint {
    Assert.isTrue(path.startsWith("/"), "the path of an endpoint begins with a slash");
    Assert.isTrue(!below || path.endsWith("/"), "a path that stands for all below ends in a slash");
    methods = List.copyOf(methods);
  }

  /** One path. */
  public static HttpEndpoint at(String path, List<String> methods, Handler handler) {
    return new HttpEndpoint(path, false, methods, handler);
  }

  /** All paths that begin with {@code path}, which ends in a slash. */
  public static HttpEndpoint below(String path, List<String> methods, Handler handler) {
    return new HttpEndpoint(path, true, methods, handler);
  }
}
