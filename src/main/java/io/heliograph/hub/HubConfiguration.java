package io.heliograph.hub;

import io.heliograph.broker.Broker;
import io.heliograph.broker.Peers;
import io.heliograph.session.SessionProperties;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** One hub a node, its ticks and its end. */
@Configuration(proxyBeanMethods = false)
class HubConfiguration {

  @Bean(initMethod = "start", destroyMethod = "stop")
  PushHub pushHub(
      Broker broker, Peers peers, SessionProperties properties, Clock clock, MeterRegistry meters) {
    return new PushHub(
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
  HubTicks hubTicks(PushHub hub) {
    return new HubTicks(hub);
  }

  @Bean
  Drain drain(
      PushHub hub,
      DrainProperties properties,
      ApplicationEventPublisher events,
      MeterRegistry meters) {
    Drain drain = new Drain(hub, properties, events);
    HubMetrics.drain(meters, drain);
    return drain;
  }
}
