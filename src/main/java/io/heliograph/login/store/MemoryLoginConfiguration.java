package io.heliograph.login.store;

import io.heliograph.login.GrantStore;
import io.heliograph.login.LoginProperties;
import io.heliograph.login.TicketStore;
import java.time.Clock;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Login stores for a single node: {@code heliograph.broker=memory}. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "heliograph.broker", havingValue = "memory", matchIfMissing = true)
class MemoryLoginConfiguration {

  @Bean
  @ConditionalOnMissingBean
  TicketStore ticketStore(Clock clock, LoginProperties properties) {
    return new MemoryTicketStore(clock, properties.limits().open());
  }

  @Bean
  @ConditionalOnMissingBean
  GrantStore grantStore(Clock clock) {
    return new MemoryGrantStore(clock);
  }
}
