package io.heliograph.hub;

import io.heliograph.broker.Broker;
import io.heliograph.broker.ClusterBus;
import io.heliograph.session.SessionProperties;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.DefaultLifecycleProcessor;

/** Beans of the hub, its ticks and its drain. */
@Configuration(proxyBeanMethods = false)
class HubConfiguration {

  @Bean(initMethod = "start", destroyMethod = "stop")
  Hub pushHub(
      Broker broker,
      ClusterBus peers,
      SessionProperties properties,
      Clock clock,
      MeterRegistry meters) {
    return new Hub(
        broker,
        peers,
        properties,
        clock,
        System::nanoTime,
        meters,
        Runtime.getRuntime().availableProcessors());
  }

  @Bean
  TraceExemplars traceExemplars() {
    return new TraceExemplars();
  }

  @Bean
  HubTicks hubTicks(Hub hub) {
    return new HubTicks(hub);
  }

  @Bean
  Drain drain(
      Hub hub,
      DrainProperties properties,
      ApplicationEventPublisher events,
      MeterRegistry meters,
      ObjectProvider<DefaultLifecycleProcessor> lifecycle,
      @Value("${spring.lifecycle.timeout-per-shutdown-phase:30s}") Duration usual) {
    // Without this, Spring would cut a drain that is longer than the default timeout of a phase.
    Duration needed = properties.duration().plusSeconds(5);
    if (needed.compareTo(usual) > 0) {
      lifecycle.ifAvailable(
          processor ->
              processor.setTimeoutForShutdownPhase(
                  SmartLifecycle.DEFAULT_PHASE, needed.toMillis()));
    }
    Drain drain = new Drain(hub, properties, events);
    HubMetrics.drain(meters, drain);
    return drain;
  }
}
