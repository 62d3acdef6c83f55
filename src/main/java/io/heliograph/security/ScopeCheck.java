package io.heliograph.security;

import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Checks that the request's API key has the scope that the controller declares. It is an
 * interceptor because that sees the handler method itself; path patterns could disagree with the
 * routing.
 */
@Component
class ScopeCheck implements HandlerInterceptor, WebMvcConfigurer {

  private final PublicPaths publicPaths;

  ScopeCheck(PublicPaths publicPaths) {
    this.publicPaths = publicPaths;
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (request.getDispatcherType() != DispatcherType.REQUEST
        || !(handler instanceof HandlerMethod method)
        || !PublicPaths.isApi(request)) {
      return true;
    }
    RequiresScope required = scopeOf(method);
    if (required == null) {
      if (publicPaths.matches(request)) {
        return true;
      }
      throw new ProblemException(ProblemType.FORBIDDEN, "This call is not available over HTTP.");
    }
    ApiKey key = ApiKey.of(request);
    if (key == null) {
      throw ApiKeys.unauthenticated(request);
    }
    key.require(required.value());
    return true;
  }

  private static @Nullable RequiresScope scopeOf(HandlerMethod method) {
    RequiresScope scope = method.getMethodAnnotation(RequiresScope.class);
    return scope != null
        ? scope
        : AnnotatedElementUtils.findMergedAnnotation(method.getBeanType(), RequiresScope.class);
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this);
  }
}
