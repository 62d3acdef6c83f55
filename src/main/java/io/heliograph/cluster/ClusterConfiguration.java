package io.heliograph.cluster;

import io.heliograph.broker.ClusterBus;
import io.heliograph.session.SessionRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** This node's part in the cluster's queries; with the in-memory broker it is the only node. */
@Configuration(proxyBeanMethods = false)
class ClusterConfiguration implements DisposableBean {

  /** Queries that may wait for a thread; a longer queue would only hold expired ones. */
  private static final int MAX_WAITING = 512;

  /**
   * Computes replies away from the Redis connections' threads, because a page out of very many
   * sessions takes time. Not a bean, because Spring Boot's executors back off when there is one.
   */
  private final ThreadPoolExecutor answers =
      new ThreadPoolExecutor(
          Runtime.getRuntime().availableProcessors(),
          Runtime.getRuntime().availableProcessors(),
          30,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(MAX_WAITING),
          task -> Thread.ofPlatform().name("heliograph-answers").daemon().unstarted(task));

  @Override
  public void destroy() {
    answers.shutdownNow();
  }

  @Bean(initMethod = "start")
  Cluster cluster(
      ClusterBus bus,
      SessionRegistry registry,
      ClusterProperties properties,
      Clock clock,
      MeterRegistry meters) {
    return new Cluster(
        bus,
        new LocalNode(registry, clock),
        properties.deadline(),
        answers,
        ClusterConfiguration::after,
        System::nanoTime,
        new ClusterMetrics(meters, bus::count));
  }

  /** Runs on a thread of its own, because the threads that reply may be busy at the deadline. */
  private static void after(Duration time, Runnable task) {
    CompletableFuture.delayedExecutor(
            time.toNanos(), TimeUnit.NANOSECONDS, due -> Thread.ofVirtual().start(due))
        .execute(task);
  }
}
