package io.heliograph.cluster;

import io.heliograph.HeliographApplication;
import io.heliograph.broker.Broker;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Position;
import io.heliograph.message.Published;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.SpringApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/**
 * A deliberately broken build that answers "accepted" before it stores the message, so that a kill
 * in between loses an accepted message. It proves that the fault tests detect this. It is not a
 * {@code Configuration}, because component scanning would break every node of the tests.
 */
public class AnswersBeforeStoring {

  private static final Duration DELAY = Duration.ofMillis(300);

  public static void main(String[] args) {
    SpringApplication.run(
        new Class<?>[] {HeliographApplication.class, AnswersBeforeStoring.class}, args);
  }

  @Bean
  @Primary
  Broker delayedBroker(@Qualifier("redisBroker") Broker broker) {
    Executor later = CompletableFuture.delayedExecutor(DELAY.toMillis(), TimeUnit.MILLISECONDS);
    Map<Channel, AtomicLong> guessedByChannel = new ConcurrentHashMap<>();
    return (Broker)
        Proxy.newProxyInstance(
            Broker.class.getClassLoader(),
            new Class<?>[] {Broker.class},
            (_, method, arguments) -> {
              if (method.getName().equals("publish")) {
                Channel channel = (Channel) arguments[0];
                Draft draft = (Draft) arguments[1];
                String epoch = broker.head(channel).join().epoch();
                long offset =
                    guessedByChannel
                        .computeIfAbsent(channel, _ -> new AtomicLong())
                        .incrementAndGet();
                later.execute(() -> broker.publish(channel, draft));
                return CompletableFuture.completedFuture(
                    new Published(draft.id(), new Position(epoch, offset), 1, false));
              }
              try {
                return method.invoke(broker, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
