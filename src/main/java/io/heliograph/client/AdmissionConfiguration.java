package io.heliograph.client;

import io.heliograph.hub.ConnectionLimits;
import io.heliograph.hub.Drain;
import io.heliograph.security.ApiKeys;
import io.heliograph.security.BrowserTokens;
import io.heliograph.security.SecurityProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** One {@link Admission} for all ways in. */
@Configuration(proxyBeanMethods = false)
class AdmissionConfiguration {

  @Bean
  Admission admission(
      BrowserTokens tokens,
      ApiKeys apiKeys,
      SecurityProperties security,
      ConnectionLimits limits,
      Drain drain) {
    return new Admission(
        tokens,
        apiKeys,
        security.anonymous(),
        limits,
        drain::isDraining,
        security.tokens().refusedPerAddress());
  }
}
