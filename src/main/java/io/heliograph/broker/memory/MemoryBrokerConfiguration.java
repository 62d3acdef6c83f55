package io.heliograph.broker.memory;

import io.heliograph.broker.Broker;
import io.heliograph.broker.ClusterBus;
import io.heliograph.broker.LogProperties;
import java.time.Clock;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The default: {@code heliograph.broker=memory}. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "heliograph.broker", havingValue = "memory", matchIfMissing = true)
class MemoryBrokerConfiguration {

  @Bean
  Broker memoryBroker(LogProperties log, Clock clock) {
    return new MemoryBroker(log, clock);
  }

  @Bean
  ClusterBus noPeers() {
    return new SingleNodeBus();
  }
}
