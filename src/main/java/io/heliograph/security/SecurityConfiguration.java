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

/** The two filter chains: one for the management port, one for the main port. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

  /**
   * Writes the security headers before the handler runs, because Jetty sends the head of a large
   * answer earlier than the filter expects.
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

  /** Switched off: observing each filter of the chain costs more than a publish itself. */
  @Bean
  SecurityObservationSettings securityObservationSettings() {
    return SecurityObservationSettings.noObservations();
  }

  /**
   * Without authentication: the port listens on loopback by default and exposes only health,
   * metrics and build information.
   */
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
                    // These continue a request that was checked, or report why it was refused.
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

  /**
   * Unknown paths are answered with 404 for every caller; 401 or 403 would suggest that they exist.
   */
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
   * Each request is authenticated by itself, so there is no HTTP session and no CSRF protection.
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
   * Checks paths only. Jetty has already checked the headers; checking each access again by regular
   * expressions would add a tenth to the cost of a publish.
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

  /** Refuses paths with {@code ..;/}, {@code //} and the like. */
  @Bean
  RequestRejectedHandler rejectedAsProblem(ProblemWriter problems) {
    return (request, response, _) ->
        problems.write(
            request,
            response,
            ProblemType.INVALID_REQUEST,
            "The path contains //, /../, ; or an encoded separator; send it in normal form.");
  }

  /**
   * There are no users with passwords. Without this bean Boot would create one and log its
   * password.
   */
  @Bean
  AuthenticationManager noPasswords() {
    return authentication -> {
      throw new org.springframework.security.authentication.ProviderNotFoundException(
          "Heliograph has no users with passwords");
    };
  }
}
