package io.heliograph.security;

import io.heliograph.problem.ProblemType;
import io.heliograph.web.ProblemWriter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.config.ObjectPostProcessor;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.security.web.header.HeaderWriterFilter;
import org.springframework.web.context.support.WebApplicationContextUtils;

/**
 * The two chains that every request goes through: one for the management port, one for all the
 * rest.
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

  /**
   * Jetty sends a large answer's head sooner than the filter expects, and would send it without
   * these.
   */
  private static final ObjectPostProcessor<HeaderWriterFilter> HEADERS_FIRST =
      new ObjectPostProcessor<>() {
        @Override
        public <F extends HeaderWriterFilter> F postProcess(F filter) {
          filter.setShouldWriteHeadersEagerly(true);
          return filter;
        }
      };

  @Bean
  @ConditionalOnMissingBean
  Clock clock() {
    return Clock.systemUTC();
  }

  /** Observing each filter of the chain would cost a push more than everything else it does. */
  @Bean
  SecurityObservationSettings securityObservationSettings() {
    return SecurityObservationSettings.noObservations();
  }

  /** The port is loopback's own, and only health and metrics are exposed there. */
  @Bean
  @Order(1)
  SecurityFilterChain managementChain(HttpSecurity http, SecurityHeaders headers) {
    return plain(headers, http.securityMatcher(SecurityConfiguration::onManagementPort))
        .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
        .build();
  }

  @Bean
  @Order(2)
  SecurityFilterChain mainChain(
      HttpSecurity http,
      SecurityHeaders headers,
      PublicPaths publicPaths,
      ApiKeys keys,
      ProblemWriter problems) {
    return plain(headers, http)
        .addFilterBefore(new ApiKeyFilter(keys), AnonymousAuthenticationFilter.class)
        .authorizeHttpRequests(
            requests ->
                requests
                    // They continue a request that was checked, or report why one was refused.
                    .dispatcherTypeMatchers(
                        DispatcherType.ERROR, DispatcherType.ASYNC, DispatcherType.FORWARD)
                    .permitAll()
                    .requestMatchers(publicPaths)
                    .permitAll()
                    .requestMatchers(PublicPaths::isApi)
                    .authenticated()
                    .anyRequest()
                    .denyAll())
        .exceptionHandling(
            handling ->
                handling
                    .authenticationEntryPoint(
                        (request, response, _) -> refuse(request, response, problems))
                    .accessDeniedHandler(
                        (request, response, _) -> refuse(request, response, problems)))
        .build();
  }

  /** Unknown paths are 404 for every caller: 401 or 403 would show that something is there. */
  private static void refuse(
      HttpServletRequest request, HttpServletResponse response, ProblemWriter problems)
      throws IOException {
    if (PublicPaths.isApi(request)) {
      response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
      problems.write(request, response, ApiKeys.unauthenticated(request));
    } else {
      problems.write(request, response, ProblemType.NOT_FOUND, ProblemType.NOT_FOUND.description());
    }
  }

  /**
   * Backends and browsers authenticate each request, so there is no session to keep or to forge.
   */
  private static HttpSecurity plain(SecurityHeaders ours, HttpSecurity http) {
    return http.sessionManagement(s -> s.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .csrf(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .formLogin(AbstractHttpConfigurer::disable)
        .httpBasic(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .servletApi(AbstractHttpConfigurer::disable)
        .headers(
            headers -> {
              headers.withObjectPostProcessor(HEADERS_FIRST).defaultsDisabled();
              ours.writers().forEach(headers::addHeaderWriter);
            });
  }

  private static boolean onManagementPort(HttpServletRequest request) {
    return WebServerApplicationContext.hasServerNamespace(
        WebApplicationContextUtils.getWebApplicationContext(request.getServletContext()),
        "management");
  }

  /**
   * For paths alone. What a header may be made of Jetty has checked when it came; here each look at
   * one would be another check of its name and value by a regular expression, a tenth of what a
   * push costs.
   */
  @Bean
  HttpFirewall pathFirewall() {
    var firewall = new StrictHttpFirewall();
    firewall.setAllowedHeaderNames(_ -> true);
    firewall.setAllowedHeaderValues(_ -> true);
    firewall.setAllowedParameterNames(_ -> true);
    firewall.setAllowedParameterValues(_ -> true);
    return firewall;
  }

  /** Spellings such as {@code ..;/} and {@code //} end here. */
  @Bean
  RequestRejectedHandler rejectedAsProblem(ProblemWriter problems) {
    return (request, response, _) ->
        problems.write(
            request,
            response,
            ProblemType.INVALID_REQUEST,
            "The path is not in normal form: it contains //, /../, ; or an encoded separator.");
  }

  /**
   * There are no users with passwords; without this one Boot would make one and log its password.
   */
  @Bean
  AuthenticationManager noPasswords() {
    return authentication -> {
      throw new org.springframework.security.authentication.ProviderNotFoundException(
          "no passwords here");
    };
  }
}
