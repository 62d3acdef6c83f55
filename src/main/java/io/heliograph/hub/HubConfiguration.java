package io.heliograph.hub;

import io.heliograph.broker.Broker;
import io.heliograph.broker.ClusterBus;
import io.heliograph.session.SessionListener;
import io.heliograph.session.SessionProperties;
import io.heliograph.session.SessionRegistry;
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
  HubParts hubParts(
      Broker broker,
      ClusterBus bus,
      SessionProperties properties,
      Clock clock,
      MeterRegistry meters,
      ObjectProvider<ChannelStates> states,
      ObjectProvider<SessionListener> listeners) {
    return new HubParts(
        broker,
        bus,
        properties,
        clock,
        System::nanoTime,
        meters,
        states.orderedStream().toList(),
        listeners.orderedStream().toList(),
        Runtime.getRuntime().availableProcessors());
  }

  @Bean
  Hub hub(HubParts parts) {
    return parts.hub();
  }

  @Bean
  Subscriptions subscriptions(HubParts parts) {
    return parts.subscriptions();
  }

  @Bean
  Publisher publisher(HubParts parts) {
    return parts.publisher();
  }

  @Bean
  SessionRegistry sessionRegistry(HubParts parts) {
    return parts.registry();
  }

  @Bean
  ConnectionLimits connectionLimits(HubParts parts) {
    return parts.limits();
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
      SessionRegistry registry,
      Publisher publisher,
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
    Drain drain = new Drain(registry, publisher, properties, events);
    HubMetrics.drain(meters, drain);
    return drain;
  }
}
