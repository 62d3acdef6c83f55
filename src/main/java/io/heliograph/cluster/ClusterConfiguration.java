package io.heliograph.cluster;

import io.heliograph.broker.ClusterBus;
import io.heliograph.hub.Hub;
import io.heliograph.session.CloseReason;
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

/** One node's part in the cluster; alone it is the whole of it. */
@Configuration(proxyBeanMethods = false)
class ClusterConfiguration implements DisposableBean {

  /** Questions that wait here. They are soon too old to be worth more. */
  private static final int MOST_WAITING = 512;

  /**
   * Answers are made beside the lines to Redis: a list of very many sessions takes its time. No
   * bean: Spring's own executors stand back when there is another one.
   */
  private final ThreadPoolExecutor answers =
      new ThreadPoolExecutor(
          Runtime.getRuntime().availableProcessors(),
          Runtime.getRuntime().availableProcessors(),
          30,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(MOST_WAITING),
          task -> Thread.ofPlatform().name("heliograph-answers").daemon().unstarted(task));

  @Override
  public void destroy() {
    answers.shutdownNow();
  }

  @Bean(initMethod = "start")
  Cluster cluster(
      ClusterBus peers, Hub hub, ClusterProperties properties, Clock clock, MeterRegistry meters) {
    return new Cluster(
        peers,
        new LocalNode(hub.registry(), session -> hub.close(session, CloseReason.POLICY), clock),
        properties.deadline(),
        answers,
        ClusterConfiguration::after,
        System::nanoTime,
        new ClusterMetrics(meters, peers::count));
  }

  /** Not by the threads that answer: a deadline has to end what waits for them. */
  private static void after(Duration time, Runnable task) {
    CompletableFuture.delayedExecutor(
            time.toNanos(), TimeUnit.NANOSECONDS, due -> Thread.ofVirtual().start(due))
        .execute(task);
  }
}
